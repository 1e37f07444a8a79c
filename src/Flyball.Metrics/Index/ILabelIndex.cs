namespace Flyball.Metrics.Index;

/// <summary>Which series carry which label: what a head and a block have in common for matching.</summary>
/// <remarks>Safe to read while series are added; series that come after <see cref="SeriesCount"/> was read may or may not show.</remarks>
internal interface ILabelIndex
{
    /// <summary>Series are numbered from 0.</summary>
    int SeriesCount { get; }

    /// <summary>All label names, in no particular order.</summary>
    IReadOnlyList<ILabelValues> Names { get; }

    /// <summary>The values of one label name, or null if no series has it.</summary>
    ILabelValues? Find(ReadOnlySpan<byte> name);
}

/// <summary>The values of one label name, numbered from 0, and the series that have them.</summary>
internal interface ILabelValues
{
    /// <summary>The label's name, UTF-8.</summary>
    ReadOnlySpan<byte> Name { get; }

    /// <summary>Number of different values.</summary>
    int Count { get; }

    /// <summary>Whether rising numbers are rising values.</summary>
    bool IsSorted { get; }

    /// <summary>A value, UTF-8.</summary>
    ReadOnlySpan<byte> Text(int value);

    /// <summary>Number of a value, or -1.</summary>
    int Find(ReadOnlySpan<byte> text);

    /// <summary>How many series have the value.</summary>
    int SeriesWith(int value);

    /// <summary>Adds the series that have the value.</summary>
    void AddSeries(int value, SeriesBits to);
}
