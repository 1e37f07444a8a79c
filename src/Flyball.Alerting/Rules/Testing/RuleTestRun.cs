using Flyball.Alerting.Rules.Evaluation;
using Flyball.Alerting.Rules.Files;
using Flyball.Model.Alerts;
using Flyball.Model.Histograms;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.PromQL.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Alerting.Rules.Testing;

/// <summary>One rule unit test being run: its series, its rules, and time that jumps from evaluation to evaluation.</summary>
internal sealed class RuleTestRun : IDisposable
{
    private readonly RuleTestFile _file;
    private readonly RuleTest _test;
    private readonly MemorySeries _series = new();
    private readonly EngineQuery _query;
    private readonly PromQLFeatures? _features;
    private readonly RuleMetrics _metrics = new(() => []);
    private readonly IReadOnlyList<RuleGroup> _groups;
    private readonly List<string> _failures = [];
    private int _loaded;

    public RuleTestRun(RuleTestFile file, RuleTest test, IReadOnlyList<RuleGroupConfig> groups, PromQLFeatures? features, TimeProvider time)
    {
        _file = file;
        _test = test;
        _features = features;
        var options = new PromQLOptions
        {
            DefaultSubqueryStep = file.EvaluationInterval.ToTimeSpan(),
            Features = features ?? PromQLFeatures.Default,
        };
        _query = new EngineQuery(new PromQLEngine(options, time), _series);
        var environment = new RuleGroupEnvironment(_query, _series, _series, [], _metrics, time, NullLogger.Instance);
        var settings = new RuleSettings
        {
            EvaluationInterval = test.Interval,
            ExternalLabels = test.ExternalLabels,
            ExternalUrl = test.ExternalUrl,
        };
        _groups = [.. groups.Select(g => new RuleGroup(g, settings, environment))];
    }

    /// <summary>Runs it.</summary>
    /// <returns>What is not as expected; empty = it passed.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        for (var since = 0L; since <= _test.Length.Value; since += _file.EvaluationInterval.Value)
        {
            var at = _test.Start + new DurationMs(since);
            LoadUntil(at);
            if (!await EvaluateAsync(at, cancellationToken))
            {
                return _failures;
            }

            foreach (var expectation in _test.Alerts.Where(a => since <= a.At.Value && a.At.Value < since + _file.EvaluationInterval.Value))
            {
                Check(expectation);
            }
        }

        foreach (var expectation in _test.Queries)
        {
            await CheckAsync(expectation, cancellationToken);
        }

        return _failures;
    }

    public void Dispose() => _metrics.Dispose();

    private void LoadUntil(TimestampMs until)
    {
        for (; _test.Start + new DurationMs(_loaded * _test.Interval.Value) <= until; _loaded++)
        {
            var at = _test.Start + new DurationMs(_loaded * _test.Interval.Value);
            foreach (var series in _test.Input)
            {
                if (_loaded < series.Steps.Count && series.Steps[_loaded] is { } sample)
                {
                    _series.Add(series.Labels, at, sample.Value, sample.Histogram);
                }
            }
        }
    }

    private async Task<bool> EvaluateAsync(TimestampMs at, CancellationToken cancellationToken)
    {
        var before = _failures.Count;
        foreach (var group in _groups)
        {
            await group.EvaluateAsync(at, causedAt: null, cancellationToken);
            foreach (var rule in group.Rules.Where(r => r.Outcome.Error.Length > 0))
            {
                _failures.Add($"rule: {rule.Config.Name}, time: {Offset(at)}, err: {rule.Outcome.Error}");
            }
        }

        return _failures.Count == before;
    }

    private void Check(AlertExpectation expectation)
    {
        // One name may be used by several rules: their alerts count together.
        var got = _groups.SelectMany(g => g.Rules).OfType<AlertingRule>()
            .Where(r => r.Config.Name == expectation.AlertName)
            .SelectMany(r => r.Alerts)
            .Where(a => a.State == AlertState.Firing)
            .Select(a => new ExpectedAlert(a.Labels, a.Annotations).ToString());
        Compare(
            $"alertname: {expectation.AlertName}, time: {DurationText.Format(expectation.At)}",
            expectation.Alerts.Select(a => a.ToString()),
            got);
    }

    private void Compare(string what, IEnumerable<string> expected, IEnumerable<string> got)
    {
        var (wanted, found) = (expected.Order(StringComparer.Ordinal).ToArray(), got.Order(StringComparer.Ordinal).ToArray());
        if (!wanted.SequenceEqual(found))
        {
            _failures.Add($"{what}, exp: [{string.Join("; ", wanted)}], got: [{string.Join("; ", found)}]");
        }
    }

    private async Task CheckAsync(QueryExpectation expectation, CancellationToken cancellationToken)
    {
        var what = $"expr: \"{expectation.Expression}\", time: {DurationText.Format(expectation.At)}";
        try
        {
            var expression = PromQLExpression.Parse(expectation.Expression, _features);
            var got = await _query.EvaluateAsync(expression, _test.Start + expectation.At, cancellationToken);
            var (wanted, found) = (expectation.Samples.OrderBy(s => s.Labels).ToArray(), got.OrderBy(s => s.Labels).ToArray());
            if (wanted.Length != found.Length || !wanted.Zip(found).All(p => AreEqual(p.First, p.Second)))
            {
                _failures.Add($"{what}, exp: [{string.Join<ExpectedSample>("; ", wanted)}], got: [{string.Join("; ", found.Select(Describe))}]");
            }
        }
        catch (Exception e) when (e is PromQLSyntaxException or PromQLQueryException or FormatException)
        {
            _failures.Add($"{what}, err: {e.Message}");
        }
    }

    private bool AreEqual(ExpectedSample expected, RuleSample actual) => expected.Labels.Equals(actual.Labels)
        && (actual.Histogram is { } histogram
            ? expected.Histogram.Length > 0 && TestSeries.IsHistogram(expected.Histogram, histogram)
            : expected.Histogram.Length == 0 && AreEqual(expected.Value, actual.Value));

    // Fuzzy: the next number to either side will do.
    private bool AreEqual(double a, double b) => a.Equals(b) || a == b
        || (_file.FuzzyCompare && (Math.BitIncrement(a) == b || Math.BitDecrement(a) == b));

    private static string Describe(RuleSample sample) =>
        new ExpectedSample(sample.Labels, sample.Value, sample.Histogram is null ? "" : HistogramText.Format(sample.Histogram)).ToString();

    private string Offset(TimestampMs at) => DurationText.Format(at - _test.Start);
}
