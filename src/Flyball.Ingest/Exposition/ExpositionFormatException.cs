namespace Flyball.Ingest.Exposition;

/// <summary>A body that is not what its format allows. The message is the one Prometheus gives for the same bytes.</summary>
public sealed class ExpositionFormatException(string message) : FormatException(message);
