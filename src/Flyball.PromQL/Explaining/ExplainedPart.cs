namespace Flyball.PromQL.Explaining;

/// <summary>A part of a query's plan and what it did. Only the outermost parts of very large queries are told apart.</summary>
public sealed record ExplainedPart
{
    /// <summary>What it does: <c>selector</c>, the name of a function, an operator or an aggregation with its grouping.</summary>
    public required string Operator { get; init; }

    /// <summary>Its text in the query, shortened where it is long.</summary>
    public required string Expression { get; init; }

    /// <summary>What it yields: a scalar, a vector or a matrix.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>Steps it was evaluated at; those of a subquery, or one if nothing depends on the step.</summary>
    public required long Steps { get; init; }

    /// <summary>Series its own selector matched.</summary>
    public required long SeriesSelected { get; init; }

    /// <summary>Series that came in: those selected and those of the parts below.</summary>
    public required long SeriesIn { get; init; }

    /// <summary>Series it handed on.</summary>
    public required long SeriesOut { get; init; }

    /// <summary>Compressed pages its own selector decoded; the newest samples of a series, not compressed yet, count as one. 0 where
    /// the source has none.</summary>
    public required long PagesRead { get; init; }

    /// <summary>Samples its own selector decoded.</summary>
    public required long SamplesRead { get; init; }

    /// <summary>Samples looked at, once for each step and window they are in.</summary>
    public required long SamplesTouched { get; init; }

    /// <summary>Time spent in it and in the parts below.</summary>
    public required TimeSpan Inclusive { get; init; }

    /// <summary>Time spent in it alone.</summary>
    public required TimeSpan Exclusive { get; init; }

    /// <summary>The share of <see cref="Exclusive"/> spent finding and decoding series in the source.</summary>
    public required TimeSpan Source { get; init; }

    /// <summary>Why its selector may have found nothing; null if it did, or nothing is known.</summary>
    public string? Suggestion { get; init; }

    /// <summary>What it is made of, in the order of the plan.</summary>
    public IReadOnlyList<ExplainedPart> Children { get; init; } = [];
}
