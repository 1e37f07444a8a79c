using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Exposition;

/// <summary>Walks a scraped body entry by entry without allocating; labels are only decoded for series the caller does not know.</summary>
/// <remarks>
/// A series is named by the bytes it is written with (<see cref="Series"/>): a target writes them the same way at every
/// scrape, so they are the key of the caller's cache. Whoever asked for the labels of those bytes once and got them need
/// not ask again. Not thread-safe; reusable.
/// </remarks>
internal abstract class ExpositionReader
{
    /// <summary>The bytes that name the series; they die with the next call.</summary>
    public abstract ReadOnlySpan<byte> Series { get; }

    /// <summary>The value of a sample. NaN is the ordinary one, unless the body spelled out the bits of another.</summary>
    public double Value { get; protected set; }

    /// <summary>Whether the sample carries its own time.</summary>
    public bool HasTimestamp { get; protected set; }

    /// <summary>The sample's own time in UTC milliseconds.</summary>
    public long TimestampMs { get; protected set; }

    /// <summary>When the counter started in UTC milliseconds, 0 = not said.</summary>
    public long StartTimestampMs { get; protected set; }

    /// <summary>The native histogram of an <see cref="ExpositionEntry.Histogram"/>.</summary>
    public NativeHistogram? Histogram { get; protected set; }

    /// <summary>Exemplars of the sample.</summary>
    public IReadOnlyList<ExposedExemplar> Exemplars => _exemplars;

    /// <summary>The family of a type, help or unit entry, as UTF-8.</summary>
    public abstract ReadOnlySpan<byte> Family { get; }

    /// <summary>The escaped text of a help or unit entry, as UTF-8.</summary>
    public abstract ReadOnlySpan<byte> Text { get; }

    /// <summary>The type of a type entry.</summary>
    public MetricType Type { get; protected set; }

    private protected readonly List<ExposedExemplar> _exemplars = [];

    /// <summary>Starts over on a body, which must stay as it is while it is read.</summary>
    public abstract void Reset(ReadOnlyMemory<byte> body);

    /// <summary>Goes on to the next entry.</summary>
    /// <exception cref="ExpositionFormatException">The body is malformed here; nothing after it can be read.</exception>
    public abstract ExpositionEntry Read();

    /// <summary>Adds the labels of the series, name included, to a builder.</summary>
    /// <exception cref="ExpositionFormatException">They are malformed.</exception>
    public abstract void ReadLabels(LabelSetBuilder into);
}

/// <summary>An exemplar as exposed.</summary>
/// <param name="TimestampMs">UTC milliseconds, or null where none is given.</param>
internal readonly record struct ExposedExemplar(LabelSet Labels, double Value, long? TimestampMs);
