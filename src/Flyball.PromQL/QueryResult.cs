using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL.Explaining;

namespace Flyball.PromQL;

/// <summary>The answer to a query.</summary>
public sealed class QueryResult
{
    /// <summary>What kind of answer: scalar, string, vector (instant query) or matrix (range query, or a bare range selector).</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>The series; for a vector each has exactly one sample. Vectors of sorting functions are in their order,
    /// matrices in label order.</summary>
    public IReadOnlyList<ResultSeries> Series { get; init; } = [];

    /// <summary>The value of a scalar answer.</summary>
    public double Scalar { get; init; }

    /// <summary>The value of a string answer.</summary>
    public string Text { get; init; } = "";

    /// <summary>When a scalar, string or vector answer is valid: the time of the instant query.</summary>
    public TimestampMs At { get; init; }

    /// <summary>Things that are probably wrong with query or data, as Prometheus words them, with positions.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Things that may be wrong with query or data.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];

    /// <summary>What each part of the plan did, when <see cref="QueryInspection.Plan"/> was asked for and there is such a part.</summary>
    public ExplainedPart? Plan { get; init; }

    /// <summary>What the query cost.</summary>
    public required QueryStatistics Statistics { get; init; }
}

/// <summary>One series of an answer, in columns.</summary>
public sealed class ResultSeries
{
    /// <summary>Makes a series of floats, histograms or both.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="timestampsMs">UTC milliseconds, rising.</param>
    /// <param name="values">A value per time; NaN where the sample is a histogram.</param>
    /// <param name="histograms">Null if every sample is a float; else a histogram or null per time.</param>
    public ResultSeries(LabelSet labels, long[] timestampsMs, double[] values, NativeHistogram?[]? histograms = null)
    {
        Labels = labels;
        TimestampsMs = timestampsMs;
        Values = values;
        Histograms = histograms;
    }

    /// <summary>Its labels.</summary>
    public LabelSet Labels { get; }

    /// <summary>Number of samples.</summary>
    public int Count => TimestampsMs.Length;

    /// <summary>UTC milliseconds, rising.</summary>
    public long[] TimestampsMs { get; }

    /// <summary>A value per time.</summary>
    public double[] Values { get; }

    /// <summary>For each time its histogram, or null for a float; null if there is no histogram at all.</summary>
    public NativeHistogram?[]? Histograms { get; }

    /// <summary>The histogram at an index, or null if the sample is a float.</summary>
    public NativeHistogram? HistogramAt(int index) => Histograms?[index];
}

/// <summary>What a query cost.</summary>
/// <param name="SeriesSelected">Series its selectors matched.</param>
/// <param name="SamplesRead">Samples decoded.</param>
/// <param name="PeakSamples">Most samples held at once.</param>
/// <param name="Evaluation">Time spent.</param>
public sealed record QueryStatistics(long SeriesSelected, long SamplesRead, long PeakSamples, TimeSpan Evaluation)
{
    /// <summary>Samples the query touched, counted per step and window as Prometheus' <c>totalQueryableSamples</c>.</summary>
    public long QueryableSamples { get; init; }

    /// <summary>The same at each step, when <see cref="QueryInspection.SamplesPerStep"/> was asked for.</summary>
    public IReadOnlyList<StepSamples>? QueryablePerStep { get; init; }
}

/// <summary>How many samples were touched for one step.</summary>
/// <param name="At">The step.</param>
/// <param name="Samples">Samples, as Prometheus' <c>totalQueryableSamplesPerStep</c> counts them.</param>
public readonly record struct StepSamples(TimestampMs At, long Samples);

/// <summary>Why a query failed.</summary>
public enum QueryFailure
{
    /// <summary>The query cannot be answered on this data, e.g. a matching that is not unique; or a limit was reached.</summary>
    Execution,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>The caller gave up.</summary>
    Canceled,
}

/// <summary>A query failed while it was evaluated.</summary>
public sealed class PromQLQueryException(QueryFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Why, for the choice of a status code.</summary>
    public QueryFailure Failure { get; } = failure;
}
