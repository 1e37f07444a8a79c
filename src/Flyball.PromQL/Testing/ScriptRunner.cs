using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Testing;

/// <summary>Runs the commands of a test script against an engine and a store in memory. Prometheus documentation, "Querying".</summary>
internal sealed class ScriptRunner(TimeProvider time)
{
    private static readonly HashSet<string> NotPinnable =
    [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp", "start", "end", "range", "step",
    ];

    private static readonly QueryLimits Limits = new() { MaxSamples = 10_000 };

    private readonly MemorySeriesSource _source = new();
    private readonly PromQLEngine _engine = new(
        new PromQLOptions { Features = PromQLFeatures.All with { TypeAndUnitLabels = false } }, time);

    /// <summary>Runs one command.</summary>
    /// <returns>What is wrong, or null.</returns>
    public async Task<string?> RunAsync(ScriptCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case ClearCommand:
                _source.Clear();
                return null;
            case LoadCommand load:
                Load(load);
                return null;
            default:
                var eval = (EvalCommand)command;
                var problem = eval.IsRange ? await RunRangeAsync(eval, cancellationToken) : await RunInstantAsync(eval, cancellationToken);
                return problem is null ? null : $"line {eval.Line}: {eval.Expression}: {problem}";
        }
    }

    private void Load(LoadCommand load)
    {
        foreach (var (description, starts) in load.Series)
        {
            var hints = new StoredHints();
            for (var i = 0; i < description.Items.Count; i++)
            {
                var item = description.Items[i];
                var at = i * load.StepMs;
                if (!item.IsGap)
                {
                    _source.Add(description.Labels, at, new MemorySample(item.Value, hints.Apply(item), starts?[i] + at ?? 0));
                }
            }
        }

        if (load.WithCustomBuckets)
        {
            var hints = new Dictionary<LabelSet, StoredHints>();
            foreach (var (labels, at, histogram) in CustomBucketBuilder.Build(load))
            {
                if (!hints.TryGetValue(labels, out var known))
                {
                    hints[labels] = known = new StoredHints();
                }

                _source.Add(labels, at, new MemorySample(0, known.Apply(new SequenceItem(0, histogram)), 0));
            }
        }
    }

    private async Task<(QueryResult? Result, string? Error)> TryAsync(Func<ValueTask<QueryResult>> query)
    {
        try
        {
            return (await query(), null);
        }
        catch (Exception e) when (e is PromQLQueryException or PromQLSyntaxException)
        {
            return (null, e.Message);
        }
    }

    private PromQLExpression Parse(EvalCommand eval) => _engine.Parse(eval.Expression);

    private async Task<string?> RunRangeAsync(EvalCommand eval, CancellationToken cancellationToken)
    {
        var (result, error) = await TryAsync(() => _engine.QueryRangeAsync(
            _source, Parse(eval), new(eval.StartMs), new(eval.EndMs), new(eval.StepMs), Limits, cancellationToken));
        if (CheckOutcome(eval, result, error) is var (done, problem) && done)
        {
            return problem;
        }

        var times = new List<long>();
        for (var t = eval.StartMs; t <= eval.EndMs; t += eval.StepMs)
        {
            times.Add(t);
        }

        return ResultComparison.Matrix(eval.Expected, result!.Series, times);
    }

    private async Task<string?> RunInstantAsync(EvalCommand eval, CancellationToken cancellationToken)
    {
        foreach (var (atMs, evaluateAt) in Variants(eval))
        {
            var (result, error) = await TryAsync(() =>
            {
                var expression = Parse(eval);
                if (atMs is { } pinned)
                {
                    Pin(expression.Root, pinned);
                }

                return _engine.QueryInstantAsync(_source, expression, new TimestampMs(evaluateAt), Limits, cancellationToken);
            });
            var variant = atMs is null ? "" : $"(pinned to {atMs} ms, evaluated at {evaluateAt} ms) ";
            if (CheckOutcome(eval, result, error) is var (done, problem) && done)
            {
                return problem is null ? null : variant + problem;
            }

            if (CheckInstant(eval, result!) is { } difference)
            {
                return variant + difference;
            }
        }

        return await RunInMiddleAsync(eval, cancellationToken);
    }

    private static string? CheckInstant(EvalCommand eval, QueryResult result)
    {
        if (eval.ExpectedString is { } text)
        {
            return result.Kind == ValueKind.String && result.Text == text ? null : $"expected string {text}, got {result.Kind} {result.Text}";
        }

        if (eval.ExpectedScalar is { } scalar)
        {
            return result.Kind == ValueKind.Scalar && ResultComparison.AlmostEqual(scalar, result.Scalar)
                ? null
                : $"expected scalar {scalar}, got {result.Kind} {result.Scalar}";
        }

        if (eval.RangeVector is { } range)
        {
            var times = new List<long>();
            for (var t = range.FromMs; t <= range.ToMs; t += range.StepMs)
            {
                times.Add(t);
            }

            return ResultComparison.Matrix(eval.Expected, result.Series, times);
        }

        return result.Kind switch
        {
            ValueKind.Vector => ResultComparison.Vector(eval.Expected, result.Series, eval.Ordered),
            _ => $"expected series, got {result.Kind}",
        };
    }

    /// <summary>Every instant result must be the same as the middle step of a range query.</summary>
    private async Task<string?> RunInMiddleAsync(EvalCommand eval, CancellationToken cancellationToken)
    {
        if (eval.RangeVector is not null || eval.ExpectedString is not null || MentionsBounds(Parse(eval).Root))
        {
            return null;
        }

        var minute = 60_000;
        var (result, error) = await TryAsync(() => _engine.QueryRangeAsync(
            _source, Parse(eval), new(eval.StartMs - minute), new(eval.StartMs + minute), new(minute), Limits, cancellationToken));
        if (result is null)
        {
            return "as part of a range query: " + error;
        }

        var middle = ResultComparison.At(result.Series, eval.StartMs);
        string? difference;
        if (eval.ExpectedScalar is { } scalar)
        {
            difference = middle.Count == 1 && ResultComparison.AlmostEqual(scalar, middle[0].Values[0]) ? null : $"expected scalar {scalar}";
        }
        else
        {
            difference = ResultComparison.Vector(eval.Expected, middle, ordered: false);
        }

        return difference is null ? null : "in the middle of a range query: " + difference;
    }

    private static (bool Done, string? Problem) CheckOutcome(EvalCommand eval, QueryResult? result, string? error)
    {
        if (eval.ExpectFailure)
        {
            if (error is null)
            {
                return (true, "succeeded, expected to fail");
            }

            var missed = eval.Failures.Find(f => !f.Accepts(error));
            return (true, missed is null ? null : $"failed with {error}, expected {missed}");
        }

        if (result is null)
        {
            return (true, "failed: " + error);
        }

        var problem = CheckTexts("warning", eval.Warnings, result.Warnings) ?? CheckTexts("info", eval.Infos, result.Infos);
        return (problem is not null, problem);
    }

    private static string? CheckTexts(string kind, List<TextExpectation>? expected, IReadOnlyList<string> found)
    {
        if (expected is null)
        {
            return null;
        }

        if (expected.Count == 0)
        {
            return found.Count == 0 ? null : $"unexpected {kind}: {string.Join(" | ", found)}";
        }

        foreach (var text in found)
        {
            if (!expected.Exists(e => e.Accepts(text)))
            {
                return $"unexpected {kind}: {text}";
            }
        }

        var missing = expected.Find(e => !found.Any(e.Accepts));
        return missing is null ? null : $"no {kind} matches {missing}; there are: {string.Join(" | ", found)}";
    }

    /// <summary>The query as it is, then pinned to its time by <c>@</c> and evaluated at others.</summary>
    private IEnumerable<(long? AtMs, long EvaluateAtMs)> Variants(EvalCommand eval)
    {
        yield return (null, eval.StartMs);
        if (eval.ExpectFailure || eval.RangeVector is not null || eval.ExpectedString is not null)
        {
            yield break;
        }

        if (Walk(Parse(eval).Root).OfType<Call>().Any(c => NotPinnable.Contains(c.Function.Name)) || MentionsBounds(Parse(eval).Root))
        {
            yield break;
        }

        long[] others = eval.StartMs == 0
            ? [-1000, 0, 1000]
            : [-10 * eval.StartMs, 0, eval.StartMs / 5, eval.StartMs, 10 * eval.StartMs];
        foreach (var other in others)
        {
            yield return (eval.StartMs, other);
        }
    }

    private static void Pin(Node node, long atMs)
    {
        switch (node)
        {
            case VectorSelector { Shift.HasAt: false } selector:
                selector.Shift.AtMs = atMs;
                break;
            case Subquery subquery:
                if (!subquery.Shift.HasAt)
                {
                    subquery.Shift.AtMs = atMs;
                }

                return;
            default:
                break;
        }

        foreach (var child in node.Children)
        {
            Pin(child, atMs);
        }
    }

    private static IEnumerable<Node> Walk(Node node) => node.Children.SelectMany(Walk).Prepend(node);

    private static bool MentionsBounds(Node root) => Walk(root).Any(n => n switch
    {
        VectorSelector selector => Mentions(selector.Shift.OffsetExpression) || selector.Shift.AtBound != QueryBound.None,
        MatrixSelector matrix => Mentions(matrix.RangeExpression),
        Subquery subquery => Mentions(subquery.RangeExpression) || Mentions(subquery.StepExpression)
            || Mentions(subquery.Shift.OffsetExpression) || subquery.Shift.AtBound != QueryBound.None,
        Call call => call.Function.Name is "start" or "end" or "step" or "range",
        _ => false,
    });

    private static bool Mentions(Node? duration) => duration is DurationExpression expression
        && (expression.Operator is TokenKind.Step or TokenKind.Range || Mentions(expression.Left) || Mentions(expression.Right));
}
