using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Model.Samples;

/// <summary>Anything PromQL can read: the metrics store, virtual series made from runs, a remote store.</summary>
/// <remarks>Safe from many threads. Matching rules: Prometheus documentation, "Time series selectors".</remarks>
public interface ISeriesSource
{
    /// <summary>Opens the series that all matchers accept and that may hold samples in the range.</summary>
    /// <returns>A view that stays the same while it is open. Dispose it: it pins what it reads.</returns>
    /// <exception cref="SeriesLimitException">More series match than the query allows.</exception>
    ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken);

    /// <summary>Label names of the series that match, in byte order, each once.</summary>
    IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken);

    /// <summary>Values one label takes on the series that match, in byte order, each once.</summary>
    IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken);
}

/// <summary>Which series, when, and how many at most.</summary>
/// <param name="Range">Samples outside it are not wanted.</param>
/// <param name="Matchers">All must accept; an absent label has the value "". An empty list accepts every series.</param>
public sealed record SeriesQuery(TimeRange Range, IReadOnlyList<Matcher> Matchers)
{
    /// <summary>More matching series than this fail the query; 0 = no limit.</summary>
    public int SeriesLimit { get; init; }

    /// <summary>What the reader will do with the samples, for sources that keep aggregates; null = not said.</summary>
    public SelectHints? Hints { get; init; }
}

/// <summary>What a reader will do with the samples of a selection. A source may ignore it.</summary>
/// <param name="Step">Distance of the evaluation steps; zero for an instant.</param>
/// <param name="Window">Length of the range of a range selector; zero for an instant selector.</param>
/// <param name="Function">The function directly around the selector, e.g. <c>rate</c>; empty if none.</param>
public sealed record SelectHints(DurationMs Step, DurationMs Window, string Function)
{
    /// <summary>The only labels the reader looks at, beside <c>__name__</c>; null = all. A source may leave the others out, and then give
    /// several series of the same labels, in any order.</summary>
    public IReadOnlyList<string>? KeptLabels { get; init; }
}

/// <summary>Series opened for reading, in label order.</summary>
/// <remarks>Reading different series from different threads at once is safe; <c>Dispose</c> only after all have ended.</remarks>
public interface ISeriesSelection : IDisposable
{
    /// <summary>Number of series.</summary>
    int Count { get; }

    /// <summary>What whoever asked should know about the samples, e.g. that summaries stand in for raw samples that are gone.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>Labels of a series, <c>__name__</c> included.</summary>
    /// <param name="index">0 up to <see cref="Count"/> exclusive; rising index is rising label order.</param>
    LabelSet Labels(int index);

    /// <summary>Appends the samples of one series in the queried range to the destination, times rising.</summary>
    /// <remarks>May give no sample at all: an index knows series, not their every sample.</remarks>
    void Read(int index, SampleColumns destination, CancellationToken cancellationToken);
}

/// <summary>A query matched more series than its limit.</summary>
public sealed class SeriesLimitException(int limit)
    : Exception($"the selector matches more than {limit} series; narrow its matchers or raise query.max_series")
{
    /// <summary>The limit that was reached.</summary>
    public int Limit { get; } = limit;
}
