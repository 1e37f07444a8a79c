using System.Text.RegularExpressions;

namespace Flyball.PromQL.Testing;

/// <summary>A command of a test script with the line it stands on.</summary>
internal abstract record ScriptCommand(int Line);

/// <summary><c>clear</c>: forget all samples.</summary>
internal sealed record ClearCommand(int Line) : ScriptCommand(Line);

/// <summary><c>load</c>: series that begin at time zero.</summary>
/// <param name="WithCustomBuckets">Also builds histograms with custom buckets from classic ones.</param>
internal sealed record LoadCommand(int Line, long StepMs, List<LoadedSeries> Series, bool WithCustomBuckets) : ScriptCommand(Line);

/// <summary>A series to load; for each item the start time relative to the item's own time, or null.</summary>
internal sealed record LoadedSeries(SeriesDescription Description, List<long?>? Starts);

/// <summary><c>eval</c>: a query and what is expected of it.</summary>
internal sealed record EvalCommand(int Line, bool IsRange, long StartMs, long EndMs, long StepMs, string Expression) : ScriptCommand(Line)
{
    public bool Ordered { get; set; }

    public bool ExpectFailure { get; set; }

    /// <summary>Texts of the failure, each to be matched.</summary>
    public List<TextExpectation> Failures { get; } = [];

    /// <summary>Null: warnings are not looked at; empty after <c>no_warn</c>.</summary>
    public List<TextExpectation>? Warnings { get; set; }

    public List<TextExpectation>? Infos { get; set; }

    /// <summary>Expects a raw range vector with these times.</summary>
    public (long FromMs, long ToMs, long StepMs)? RangeVector { get; set; }

    public string? ExpectedString { get; set; }

    public double? ExpectedScalar { get; set; }

    public List<SeriesDescription> Expected { get; } = [];
}

/// <summary>An expected text: exact, by search, or any.</summary>
internal sealed record TextExpectation(string? Exact, Regex? Pattern)
{
    public bool Accepts(string text) => Exact is not null ? text == Exact : Pattern is null || Pattern.IsMatch(text);

    public override string ToString() => Exact ?? Pattern?.ToString() ?? "(any)";
}
