using System.Diagnostics;
using System.Runtime.CompilerServices;
using Flyball.Model.Labels;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Explaining;
using Flyball.PromQL.Functions;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Planning;

/// <summary>Turns the syntax tree of a query into operators, for one range of evaluation: durations are computed, <c>@</c> and
/// <c>offset</c> resolved, and parts that do not depend on the step marked to be evaluated once.</summary>
internal sealed class Planner(StepGrid grid, DurationEvaluator durations, long defaultSubqueryStepMs, PlanRecorder? recorder)
{
    private StepInvariance _invariance = new();

    // Whether selectors being planned only serve count and sum of histograms; null until a function says so or not.
    private bool? _onlyStatistics;

    // The selector an aggregation being planned groups directly, and the labels it groups by.
    private (VectorSelector Selector, IReadOnlyList<string> Labels)? _grouped;

    /// <summary>Plans an expression that yields series.</summary>
    public VectorNode Vector(Node node)
    {
        EnsureStack();
        if (recorder?.Begin(node) is not { } record)
        {
            return VectorOf(node);
        }

        var recorded = new RecordedVectorNode(VectorOf(node), record, recorder);
        recorder.End(record);
        return recorded;
    }

    private VectorNode VectorOf(Node node)
    {
        var plan = node switch
        {
            VectorSelector selector => new InstantSelectorNode(PlanOf(selector), SampleAspect.Value),
            Parenthesis parenthesis => Vector(parenthesis.Inner),
            UnaryOperation unary => unary.Operator == TokenKind.Sub ? new NegationNode(Vector(unary.Inner)) : Vector(unary.Inner),
            Aggregation aggregation => Aggregate(aggregation),
            BinaryOperation binary => Binary(binary),
            Call call => Function(call),
            _ => throw Unplannable(node),
        };
        return grid.Count > 1 && node is not Parenthesis && _invariance.Holds(node) ? new InvariantVectorNode(plan) : plan;
    }

    /// <summary>Plans an expression that yields a number.</summary>
    public ScalarNode Scalar(Node node)
    {
        EnsureStack();
        if (recorder?.Begin(node) is not { } record)
        {
            return ScalarOf(node);
        }

        var recorded = new RecordedScalarNode(ScalarOf(node), record, recorder);
        recorder.End(record);
        return recorded;
    }

    private ScalarNode ScalarOf(Node node)
    {
        switch (node)
        {
            case NumberLiteral number:
                return new ConstantNode(number.Value);
            case Parenthesis parenthesis:
                return Scalar(parenthesis.Inner);
            case UnaryOperation unary:
                var inner = Scalar(unary.Inner);
                return unary.Operator == TokenKind.Sub ? new ScalarFunctionNode((a, _) => -a, inner, new ConstantNode(0)) : inner;
            case BinaryOperation binary:
                if (binary.Operator is TokenKind.TrimLower or TokenKind.TrimUpper)
                {
                    throw new PromQLQueryException(QueryFailure.Execution, $"operator \"{binary.Operator.Text()}\" not allowed for Scalar operations");
                }

                return new ScalarBinaryNode(binary.Operator, Scalar(binary.Left), Scalar(binary.Right));
            case Call call:
                return ScalarFunction(call);
            default:
                throw Unplannable(node);
        }
    }

    /// <summary>Plans a range selector or subquery.</summary>
    public RangePlan Range(Node node)
    {
        switch (node)
        {
            case Parenthesis parenthesis:
                return Range(parenthesis.Inner);
            case MatrixSelector matrix:
                var plan = PlanOf(matrix.Selector);
                var length = durations.Length(matrix.RangeMs, matrix.RangeExpression);
                return new SelectorRangePlan(plan) { Timing = plan.Timing, RangeMs = length };
            case Subquery subquery:
                var step = durations.Length(subquery.StepMs, subquery.StepExpression);
                // Inside, "once" means once per inner step, so the inside is planned for itself.
                // It needs whole histograms: resets between its steps are found by their buckets.
                var inside = new Planner(grid with { Count = 2 }, durations, defaultSubqueryStepMs, recorder) { _onlyStatistics = false, _invariance = _invariance };
                return new SubqueryRangePlan(inside.Instant(subquery.Inner), step == 0 ? defaultSubqueryStepMs : step)
                {
                    Timing = TimingOf(subquery.Shift),
                    RangeMs = durations.Length(subquery.RangeMs, subquery.RangeExpression),
                };
            default:
                throw Unplannable(node);
        }
    }

    /// <summary>A vector, or a scalar made into one.</summary>
    private VectorNode Instant(Node node) => node.Kind == ValueKind.Scalar ? new ScalarToVectorNode(Scalar(node)) : Vector(node);

    private static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new PromQLQueryException(QueryFailure.Execution, "expression is nested too deeply");
        }
    }

    private static PromQLQueryException Unplannable(Node node) =>
        new(QueryFailure.Execution, $"a {node.Kind.Documented()} is not evaluated here: {node}");

    private SelectorTiming TimingOf(TimeShift shift)
    {
        var at = shift.AtBound switch
        {
            QueryBound.Start => durations.QueryStartMs,
            QueryBound.End => durations.QueryEndMs,
            _ => shift.AtMs,
        };
        return new SelectorTiming(at, durations.Offset(shift.OffsetMs, shift.OffsetExpression));
    }

    private SelectorPlan PlanOf(VectorSelector selector) =>
        new(selector.Matchers, TimingOf(selector.Shift), selector.Edges, selector.Span)
        {
            OnlyStatistics = _onlyStatistics == true,
            KeptLabels = ReferenceEquals(_grouped?.Selector, selector) ? _grouped?.Labels : null,
        };

    /// <summary>The selector whose series reach an aggregation one by one and with no question about their labels in between.</summary>
    private static VectorSelector? SelectorUnder(Node? node) => node switch
    {
        Parenthesis parenthesis => SelectorUnder(parenthesis.Inner),
        VectorSelector selector => selector,
        Call { Function.Name: not "absent_over_time" } call when RangeFunctions.Find(call.Function.Name) is not null =>
            OfOneName(call.Arguments.OfType<MatrixSelector>().FirstOrDefault()?.Selector),
        _ => null,
    };

    /// <summary>Under a function that drops names, series of several names must be told apart by all their labels.</summary>
    private static VectorSelector? OfOneName(VectorSelector? selector) =>
        selector?.Matchers.Exists(m => m is { Name: LabelSet.MetricNameLabel, Op: MatchOp.Equal }) == true ? selector : null;

    private VectorNode Aggregate(Aggregation node)
    {
        var selects = node.Operator is TokenKind.TopK or TokenKind.BottomK or TokenKind.LimitK or TokenKind.LimitRatio;
        if (!node.Without && !selects && SelectorUnder(node.Inner) is { } selector)
        {
            _grouped = (selector, node.Grouping);
        }

        var inner = Vector(node.Inner!);
        var span = node.Inner!.Span;
        var grouping = new LabelProjection(
            node.Without ? node.Grouping.Append(LabelSet.MetricNameLabel) : node.Grouping, keep: !node.Without);
        switch (node.Operator)
        {
            case TokenKind.Sum or TokenKind.Avg:
                return new AggregationNode(inner, grouping, scope => new SumStates(scope, node.Operator == TokenKind.Avg, span));
            case TokenKind.Min or TokenKind.Max:
                return new AggregationNode(inner, grouping, scope => new ExtremeStates(scope, node.Operator == TokenKind.Max, span));
            case TokenKind.Count or TokenKind.Group:
                return new AggregationNode(inner, grouping, scope => new CountStates(scope, node.Operator == TokenKind.Group));
            case TokenKind.Stddev or TokenKind.Stdvar:
                return new AggregationNode(inner, grouping, scope => new VarianceStates(scope, node.Operator == TokenKind.Stddev, span));
            case TokenKind.Quantile:
                return PlanQuantile(node, inner, grouping, span);
            case TokenKind.CountValues:
                return CountValues(node, inner);
            default:
                return new SelectionAggregationNode(
                    node.Operator, inner, Scalar(node.Parameter!), grouping, node.Span, Unwrap(node.Parameter!).Span);
        }
    }

    private AggregationNode PlanQuantile(Aggregation node, VectorNode inner, LabelProjection grouping, SourceSpan span)
    {
        var parameter = Scalar(node.Parameter!);
        return new AggregationNode(inner, grouping, scope =>
        {
            var q = parameter.Evaluate(scope);
            Quantiles.WarnOfRange(q, scope.Annotations, Unwrap(node.Parameter!).Span);
            return new QuantileStates(scope, q, span);
        });
    }

    private static CountValuesNode CountValues(Aggregation node, VectorNode inner)
    {
        var label = TextOf(node.Parameter!);
        if (!MetadataLabels.IsValidName(label))
        {
            throw new PromQLQueryException(QueryFailure.Execution, $"invalid label name {GoQuoting.Quote(label)}");
        }

        // The value replaces a label of its name, so that label never tells rows apart by itself.
        var names = node.Without ? node.Grouping.Append(LabelSet.MetricNameLabel).Append(label) : node.Grouping.Where(n => n != label);
        var keepsValue = !node.Without || (!node.Grouping.Contains(label) && label != LabelSet.MetricNameLabel);
        return new CountValuesNode(inner, label, new LabelProjection(names, keep: !node.Without), keepsValue);
    }

    private VectorNode Binary(BinaryOperation node)
    {
        return InsideOf(node.Operator is TokenKind.TrimLower or TokenKind.TrimUpper ? false : null, () => BinaryOf(node));
    }

    private VectorNode BinaryOf(BinaryOperation node)
    {
        if (node.Matching is { } matching)
        {
            var left = Vector(node.Left);
            var right = Vector(node.Right);
            return node.Operator.IsSetOperator()
                ? new SetOperationNode(node.Operator, left, right, matching)
                : new MatchedVectorsNode(node.Operator, left, right, matching, node.ReturnBool, node.Span);
        }

        return node.Left.Kind == ValueKind.Scalar
            ? new VectorScalarNode(node.Operator, Vector(node.Right), Scalar(node.Left), scalarLeft: true, node.ReturnBool, node.Span)
            : new VectorScalarNode(node.Operator, Vector(node.Left), Scalar(node.Right), scalarLeft: false, node.ReturnBool, node.Span);
    }

    private ScalarNode ScalarFunction(Call call)
    {
        var name = call.Function.Name;
        var arguments = call.Arguments;
        ScalarNode Seconds(long ms) => new ConstantNode(ms / 1000.0);
        return name switch
        {
            "time" => new TimeNode(),
            "pi" => new ConstantNode(Math.PI),
            "start" => Seconds(durations.QueryStartMs),
            "end" => Seconds(durations.QueryEndMs),
            "step" => new ConstantNode(durations.StepSeconds),
            "range" => new ConstantNode(durations.RangeSeconds),
            "min_of" => new ScalarFunctionNode(GoExtremes.Min, Scalar(arguments[0]), Scalar(arguments[1])),
            "max_of" => new ScalarFunctionNode(GoExtremes.Max, Scalar(arguments[0]), Scalar(arguments[1])),
            "scalar" => new VectorToScalarNode(Vector(arguments[0])),
            _ => throw new UnreachableException($"{name} has a signature and no scalar plan"),
        };
    }

    private VectorNode Function(Call call)
    {
        var name = call.Function.Name;
        if (RangeFunctions.Find(name) is { } rangeFunction)
        {
            return RangeCall(call, rangeFunction);
        }

        if (FloatFunctions.FindMaths(name) is { } function)
        {
            return new FloatFunctionNode(Vector(call.Arguments[0]), function);
        }

        if (FloatFunctions.FindDate(name) is { } date)
        {
            var times = call.Arguments.Count == 0 ? new ScalarToVectorNode(new TimeNode()) : Vector(call.Arguments[0]);
            return new FloatFunctionNode(times, date);
        }

        if (!name.StartsWith("histogram_", StringComparison.Ordinal))
        {
            return OtherFunction(call);
        }

        bool? onlyStatistics = name switch
        {
            "histogram_count" or "histogram_sum" or "histogram_avg" => true,
            "histogram_quantile" or "histogram_quantiles" or "histogram_fraction" => false,
            _ => null,
        };
        return InsideOf(onlyStatistics, () => HistogramFunction(call));
    }

    /// <summary>Plans parts of something that looks at count and sum of histograms only (true), or at whole histograms (false).
    /// Whoever needs them whole has the say for everything inside.</summary>
    private VectorNode InsideOf(bool? onlyStatistics, Func<VectorNode> plan)
    {
        var outer = _onlyStatistics;
        _onlyStatistics = outer == false ? false : onlyStatistics ?? outer;
        var node = plan();
        _onlyStatistics = outer;
        return node;
    }

    private VectorNode RangeCall(Call call, RangeFunction function)
    {
        var at = call.Arguments.FindIndex(a => a.Kind == ValueKind.Matrix);
        var parameters = call.Arguments.Where((_, i) => i != at).Select(Scalar).ToArray();
        var node = new RangeCallNode(
            call.Function.Name, function, Range(call.Arguments[at]), parameters, AnnotatedSpan(call, call.Arguments[0]));
        return call.Function.Name == "absent_over_time" ? new AbsentNode(node, Unwrap(call.Arguments[0])) : node;
    }

    /// <summary>Where annotations about an argument point, as in Prometheus: parentheses are left out, but not those around a constant
    /// part, and a subquery has no place of its own.</summary>
    private SourceSpan AnnotatedSpan(Call call, Node argument)
    {
        if (Unwrap(argument) is Subquery subquery)
        {
            return new SourceSpan(0, subquery.Span.End);
        }

        return _invariance.Holds(argument) && !_invariance.Holds(call) ? argument.Span : Unwrap(argument).Span;
    }

    private VectorNode HistogramFunction(Call call)
    {
        var arguments = call.Arguments;
        switch (call.Function.Name)
        {
            case "histogram_count":
                return new HistogramFunctionNode(Vector(arguments[0]), h => h.Count);
            case "histogram_sum":
                return new HistogramFunctionNode(Vector(arguments[0]), h => h.Sum);
            case "histogram_avg":
                return new HistogramFunctionNode(Vector(arguments[0]), h => h.Sum / h.Count);
            case "histogram_stdvar":
                return new HistogramFunctionNode(Vector(arguments[0]), NativeQuantile.Variance);
            case "histogram_stddev":
                return new HistogramFunctionNode(Vector(arguments[0]), h => Math.Sqrt(NativeQuantile.Variance(h)));
            case "histogram_quantile":
                return new HistogramQuantileNode(
                    Vector(arguments[1]), AnnotatedSpan(call, arguments[1]), [Scalar(arguments[0])], [AnnotatedSpan(call, arguments[0])], null);
            case "histogram_quantiles":
                return new HistogramQuantileNode(
                    Vector(arguments[0]), AnnotatedSpan(call, arguments[0]), [.. arguments.Skip(2).Select(Scalar)],
                    [.. arguments.Skip(2).Select(a => AnnotatedSpan(call, a))], TextOf(arguments[1]));
            default:
                return new HistogramFractionNode(
                    Vector(arguments[2]), AnnotatedSpan(call, arguments[2]), Scalar(arguments[0]), Scalar(arguments[1]));
        }
    }

    private VectorNode OtherFunction(Call call)
    {
        var arguments = call.Arguments;
        switch (call.Function.Name)
        {
            case "vector":
                return new ScalarToVectorNode(Scalar(arguments[0]));
            case "absent":
                return new AbsentNode(Vector(arguments[0]), Unwrap(arguments[0]));
            case "sort" or "sort_desc":
                return new SortByValueNode(Vector(arguments[0]), call.Function.Name == "sort_desc", call.Span);
            case "sort_by_label" or "sort_by_label_desc":
                var labels = arguments.Skip(1).Select(TextOf).ToArray();
                return new SortByLabelNode(Vector(arguments[0]), labels, call.Function.Name == "sort_by_label_desc", call.Span);
            case "label_replace":
                return new LabelReplaceNode(
                    Vector(arguments[0]), TextOf(arguments[1]), TextOf(arguments[2]), TextOf(arguments[3]), TextOf(arguments[4]));
            case "label_join":
                return new LabelJoinNode(
                    Vector(arguments[0]), TextOf(arguments[1]), TextOf(arguments[2]), [.. arguments.Skip(3).Select(TextOf)]);
            case "round":
                var nearest = arguments.Count > 1 ? Scalar(arguments[1]) : new ConstantNode(1);
                return new ParameterisedFunctionNode(Vector(arguments[0]), [nearest], (v, n, _) => Absent.Present(FloatFunctions.Round(v, n)));
            case "clamp" or "clamp_min" or "clamp_max":
                return Clamp(call);
            case "timestamp" or "start_timestamp":
                return Timestamp(call);
            case "info":
                return Info(call);
            default:
                throw new UnreachableException($"{call.Function.Name} has a signature and no plan");
        }
    }

    private ParameterisedFunctionNode Clamp(Call call)
    {
        var name = call.Function.Name;
        var min = name == "clamp_max" ? new ConstantNode(double.NegativeInfinity) : Scalar(call.Arguments[1]);
        var max = name == "clamp_min" ? new ConstantNode(double.PositiveInfinity) : Scalar(call.Arguments[^1]);
        return new ParameterisedFunctionNode(
            Vector(call.Arguments[0]), [min, max], (v, low, high) => high < low ? Absent.Value : Absent.Present(FloatFunctions.Clamp(v, low, high)));
    }

    private VectorNode Timestamp(Call call)
    {
        var isStart = call.Function.Name == "start_timestamp";
        if (Unwrap(call.Arguments[0]) is VectorSelector selector)
        {
            var aspect = isStart ? SampleAspect.Start : SampleAspect.Time;
            return new NameDroppingNode(new InstantSelectorNode(PlanOf(selector) with { Edges = EdgeMode.Plain }, aspect));
        }

        var inner = Vector(call.Arguments[0]);
        return isStart ? new NothingNode(inner) : new EvaluationTimeNode(inner);
    }

    private InfoNode Info(Call call)
    {
        var matchers = call.Arguments.Count > 1 && Unwrap(call.Arguments[1]) is VectorSelector selector ? selector.Matchers : null;
        return new InfoNode(Vector(call.Arguments[0]), matchers, FirstTiming(call.Arguments[0]) ?? new SelectorTiming(null, 0), call.Span);
    }

    /// <summary>Info series are looked up at the times at which the first selector of the argument looks.</summary>
    private SelectorTiming? FirstTiming(Node node)
    {
        if (node is VectorSelector selector)
        {
            return TimingOf(selector.Shift);
        }

        // What is aggregated comes before the parameter.
        foreach (var child in node is Aggregation ? node.Children.Reverse() : node.Children)
        {
            if (FirstTiming(child) is { } timing)
            {
                return timing;
            }
        }

        return null;
    }

    private static Node Unwrap(Node node)
    {
        while (node is Parenthesis parenthesis)
        {
            node = parenthesis.Inner;
        }

        return node;
    }

    private static string TextOf(Node node) => Unwrap(node) is StringLiteral literal ? literal.Value : "";
}
