namespace Flyball.Ingest.Exposition;

/// <summary>What an <see cref="ExpositionReader"/> stands on.</summary>
internal enum ExpositionEntry
{
    /// <summary>The body is over.</summary>
    End,

    /// <summary>One sample of one series.</summary>
    Sample,

    /// <summary>A native histogram of one series.</summary>
    Histogram,

    /// <summary>What type a family has.</summary>
    Type,

    /// <summary>What a family says to people.</summary>
    Help,

    /// <summary>Which unit a family has.</summary>
    Unit,
}
