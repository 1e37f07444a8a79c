namespace Flyball.Metrics.Status;

/// <summary>Where the series of the present come from; largest first.</summary>
/// <param name="Series">Series of the newest head.</param>
/// <param name="LabelPairs">Different label pairs they carry.</param>
/// <param name="SeriesByMetric">Series per metric name.</param>
/// <param name="ValuesByLabel">Different values per label name.</param>
/// <param name="BytesByLabel">Bytes of the values of all series, per label name.</param>
/// <param name="SeriesByPair">Series per label pair, written <c>name=value</c>.</param>
public sealed record CardinalityReport(
    int Series,
    long LabelPairs,
    IReadOnlyList<NamedCount> SeriesByMetric,
    IReadOnlyList<NamedCount> ValuesByLabel,
    IReadOnlyList<NamedCount> BytesByLabel,
    IReadOnlyList<NamedCount> SeriesByPair)
{
    /// <summary>How quickly they change.</summary>
    public ChurnReport Churn { get; init; } = ChurnReport.None;
}

/// <summary>A name and how many there are of it.</summary>
public readonly record struct NamedCount(string Name, long Count);
