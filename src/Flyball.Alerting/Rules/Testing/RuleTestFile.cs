using System.Globalization;
using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL.Testing;

namespace Flyball.Alerting.Rules.Testing;

/// <summary>A file of rule unit tests in promtool's form. Source: Prometheus documentation, "Recording and alerting rules".</summary>
internal sealed record RuleTestFile(string File)
{
    public IReadOnlyList<string> RuleFiles { get; init; } = [];

    public DurationMs EvaluationInterval { get; init; }

    public IReadOnlyList<string> GroupOrder { get; init; } = [];

    /// <summary>Whether neighbouring floating point numbers count as equal.</summary>
    public bool FuzzyCompare { get; init; }

    public IReadOnlyList<RuleTest> Tests { get; init; } = [];

    public static RuleTestFile Read(string file, string text, ConfigProblems problems, bool ignoreUnknownKeys)
    {
        if (YamlFile.Load(file, text, problems) is not { } root)
        {
            return new RuleTestFile(file);
        }

        var section = new YamlSection(file, root, problems);
        var interval = section.Duration("evaluation_interval") is { Value: > 0 } given ? given : DurationMs.FromSeconds(60);
        var read = new RuleTestFile(file)
        {
            RuleFiles = section.Texts("rule_files"),
            EvaluationInterval = interval,
            GroupOrder = section.Texts("group_eval_order"),
            FuzzyCompare = section.Boolean("fuzzy_compare") ?? false,
            Tests = [.. section.Sections("tests").Select(s => RuleTest.Read(s, interval, ignoreUnknownKeys))],
        };
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.unitTestFile");
        }

        return read;
    }
}

/// <summary>One test: series that are given, and alerts and results that are expected at times after its start.</summary>
internal sealed record RuleTest(string Name)
{
    public TimestampMs Start { get; init; }

    public DurationMs Interval { get; init; }

    public IReadOnlyList<TestSeries> Input { get; init; } = [];

    public IReadOnlyList<AlertExpectation> Alerts { get; init; } = [];

    public IReadOnlyList<QueryExpectation> Queries { get; init; } = [];

    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    public string ExternalUrl { get; init; } = "";

    /// <summary>The last time something is expected at.</summary>
    public DurationMs Length => new(Alerts.Select(a => a.At.Value).Concat(Queries.Select(q => q.At.Value)).DefaultIfEmpty().Max());

    public static RuleTest Read(YamlSection section, DurationMs evaluationInterval, bool ignoreUnknownKeys)
    {
        var test = new RuleTest(section.Text("name") ?? "")
        {
            Interval = section.Duration("interval") is { Value: > 0 } interval ? interval : evaluationInterval,
            Start = ReadStart(section),
            Input = [.. section.Sections("input_series").Select(s => ReadSeries(s, ignoreUnknownKeys)).OfType<TestSeries>()],
            Alerts = [.. section.Sections("alert_rule_test").Select(s => AlertExpectation.Read(s, ignoreUnknownKeys))],
            Queries = [.. section.Sections("promql_expr_test").Select(s => QueryExpectation.Read(s, ignoreUnknownKeys))],
            ExternalLabels = section.Labels("external_labels"),
            ExternalUrl = section.Text("external_url") ?? "",
        };
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.testGroup");
        }

        return test;
    }

    private static TestSeries? ReadSeries(YamlSection section, bool ignoreUnknownKeys)
    {
        var (series, values) = (section.Text("series") ?? "", section.Text("values") ?? "");
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.series");
        }

        try
        {
            return TestSeries.Parse(series, values);
        }
        catch (FormatException e)
        {
            section.Report("series", e.Message);
            return null;
        }
    }

    // Seconds since 1970, or a time as RFC 3339 has it.
    private static TimestampMs ReadStart(YamlSection section)
    {
        var text = section.Text("start_timestamp") ?? "0";
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 1e12)
        {
            return new TimestampMs((long)(seconds * 1000));
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return TimestampMs.From(time);
        }

        section.Report("start_timestamp", $"\"{text}\" is no time; write one like 2026-01-05T12:00:00Z or seconds since 1970");
        return default;
    }
}

/// <summary>The firing alerts of one name that are expected at a time.</summary>
internal sealed record AlertExpectation(DurationMs At, string AlertName, IReadOnlyList<ExpectedAlert> Alerts)
{
    public static AlertExpectation Read(YamlSection section, bool ignoreUnknownKeys)
    {
        var name = section.Text("alertname") ?? "";
        if (name.Length == 0)
        {
            section.Report("an item under alert_rule_test misses required attribute alertname");
        }

        var alerts = new List<ExpectedAlert>();
        foreach (var expected in section.Sections("exp_alerts"))
        {
            var labels = new LabelSetBuilder().Start(expected.Labels("exp_labels")).Set("alertname", name.Length > 0 ? name : "-");
            alerts.Add(new ExpectedAlert(labels.Build(), expected.Labels("exp_annotations")));
            if (!ignoreUnknownKeys)
            {
                expected.Finish("main.alert");
            }
        }

        var at = section.Duration("eval_time") ?? default;
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.alertTestCase");
        }

        return new AlertExpectation(at, name, alerts);
    }
}

/// <summary>An alert that is expected to fire.</summary>
internal sealed record ExpectedAlert(LabelSet Labels, LabelSet Annotations)
{
    public override string ToString() => $"{Labels} annotations {Annotations}";
}

/// <summary>The result a query is expected to have at a time.</summary>
internal sealed record QueryExpectation(DurationMs At, string Expression, IReadOnlyList<ExpectedSample> Samples)
{
    public static QueryExpectation Read(YamlSection section, bool ignoreUnknownKeys)
    {
        var expectation = new QueryExpectation(
            section.Duration("eval_time") ?? default,
            section.Text("expr") ?? "",
            [.. section.Sections("exp_samples").Select(s => ExpectedSample.Read(s, ignoreUnknownKeys))]);
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.promqlTestCase");
        }

        return expectation;
    }
}

/// <summary>A sample that is expected: a value, or a histogram as test scripts write it.</summary>
internal sealed record ExpectedSample(LabelSet Labels, double Value, string Histogram)
{
    public static ExpectedSample Read(YamlSection section, bool ignoreUnknownKeys)
    {
        var labels = LabelSet.Empty;
        try
        {
            labels = TestSeries.ParseLabels(section.Text("labels") ?? "");
        }
        catch (FormatException e)
        {
            section.Report("labels", e.Message);
        }

        var sample = new ExpectedSample(labels, ReadValue(section), section.Text("histogram") ?? "");
        if (!ignoreUnknownKeys)
        {
            section.Finish("main.sample");
        }

        return sample;
    }

    public override string ToString() => $"{Labels} {(Histogram.Length > 0 ? Histogram : Value.ToString("R", CultureInfo.InvariantCulture))}";

    // YAML has words of its own for what is no number or too large.
    private static double ReadValue(YamlSection section) => (section.Text("value") ?? "0").ToLowerInvariant() switch
    {
        "nan" or ".nan" => double.NaN,
        "inf" or "+inf" or ".inf" or "+.inf" => double.PositiveInfinity,
        "-inf" or "-.inf" => double.NegativeInfinity,
        _ => section.Number("value") ?? 0,
    };
}
