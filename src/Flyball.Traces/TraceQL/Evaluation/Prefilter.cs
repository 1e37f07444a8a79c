using System.Text;
using Flyball.Model.Text;
using Flyball.Traces.Segments;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>What at least one span of every trace found must satisfy: it decides, span by span and page by page, what is looked at.</summary>
internal sealed class Prefilter
{
    /// <summary>Looks at everything.</summary>
    public static readonly Prefilter None = new(condition: null);

    // A dictionary of more texts takes longer to go through than its pages.
    private const int MostMatched = 500_000;

    private readonly Expression? _condition;

    private Prefilter(Expression? condition) => _condition = condition;

    /// <summary>The condition for one span; null when every span counts.</summary>
    public Node? Compile(Compiler compiler) => _condition is null ? null : compiler.Compile(_condition);

    /// <summary>The condition that alone decides about every span, when a pipeline is nothing but filters on single spans.</summary>
    public static bool TryOfSpans(IReadOnlyList<Stage> stages, out Prefilter prefilter)
    {
        Expression? all = null;
        foreach (var stage in stages)
        {
            if (stage is not SpansetStage { Spanset: SpansetFilter filter } || (filter.Condition is { } condition && !Fields.IsLocal(condition)))
            {
                prefilter = None;
                return false;
            }

            all = all is null ? filter.Condition : filter.Condition is null ? all : new Binary("&&", all, filter.Condition, all.Column);
        }

        prefilter = new Prefilter(all);
        return true;
    }

    /// <summary>Derives the condition from a pipeline's first stage.</summary>
    public static Prefilter Of(IReadOnlyList<Stage> stages) =>
        stages.Count > 0 && stages[0] is SpansetStage first ? new Prefilter(Local(ConditionOf(first.Spanset))) : None;

    /// <summary>The pages of a segment that may hold such a span, rising; null when the dictionary says there is none.</summary>
    public int[]? Choose(Segment segment)
    {
        var pages = _condition is null ? Pages.All : Needed(_condition, segment);
        if (pages.IsNone)
        {
            return null;
        }

        IEnumerable<int> chosen = pages.List ?? Enumerable.Range(0, segment.Footer.Pages.Length);
        var zones = new ZoneTest(segment);
        return _condition is null ? [.. chosen] : [.. chosen.Where(p => zones.CanMatch(_condition, p))];
    }

    /// <summary>The condition, if there is one.</summary>
    public IEnumerable<Expression> Conditions => _condition is null ? [] : [_condition];

    /// <summary>The columns the condition is evaluated on.</summary>
    public NeededColumns Columns => new(Conditions);

    // The spans of a trace that is found include one of these, whatever the rest of the expression does.
    private static Expression? ConditionOf(SpansetExpression spanset) => spanset switch
    {
        SpansetFilter filter => filter.Condition,
        SpansetOperation { Operator: "&&" } operation => ConditionOf(operation.Left) ?? ConditionOf(operation.Right),
        SpansetOperation { Operator: "||" } operation => Either(ConditionOf(operation.Left), ConditionOf(operation.Right)),
        SpansetOperation operation => ConditionOf(operation.Right) ?? (operation.Operator[0] == '!' ? null : ConditionOf(operation.Left)),
        SpansetPipeline { Stages: [SpansetStage first, ..] } => ConditionOf(first.Spanset),
        _ => null,
    };

    private static Binary? Either(Expression? a, Expression? b) => a is null || b is null ? null : new Binary("||", a, b, a.Column);

    // Parts of a conjunction that need the whole trace are left out; what remains is still necessary.
    private static Expression? Local(Expression? condition)
    {
        if (condition is null || Fields.IsLocal(condition))
        {
            return condition;
        }

        if (condition is Binary { Operator: "&&" } and)
        {
            var left = Local(and.Left);
            var right = Local(and.Right);
            return left is null || right is null ? left ?? right : and with { Left = left, Right = right };
        }

        return null;
    }

    private static Pages Needed(Expression condition, Segment segment)
    {
        switch (condition)
        {
            case Binary { Operator: "&&" } and:
                return Needed(and.Left, segment).And(Needed(and.Right, segment));
            case Binary { Operator: "||" } or:
                return Needed(or.Left, segment).Or(Needed(or.Right, segment));
            case Binary { Operator: "=", Left: AttributeField field, Right: Literal { Value: { Kind: ValueKind.Text } text } }:
                return Containing(field.Name, segment).And(Containing(text.Text, segment, isArrayPossible: true));
            case Binary { Operator: "=", Left: IntrinsicField { Intrinsic: Intrinsic.Name or Intrinsic.StatusMessage }, Right: Literal { Value: { Kind: ValueKind.Text } text } }:
                return Containing(text.Text, segment);
            case Binary { Operator: "=~", Left: AttributeField field, Regex: { } regex }:
                return Containing(field.Name, segment).And(Matching(regex, segment, isArrayPossible: true));
            case Binary { Operator: "=~", Left: IntrinsicField { Intrinsic: Intrinsic.Name or Intrinsic.StatusMessage }, Regex: { } regex }:
                return Matching(regex, segment, isArrayPossible: false);
            case Binary { Operator: "=" or "!=" or "<" or "<=" or ">" or ">=" or "=~" or "!~", Left: AttributeField field, Right: Literal { Value.IsNil: false } }:
                return Containing(field.Name, segment);
            default:
                return Pages.All;
        }
    }

    // A regular expression is asked about the dictionary once instead of about every span.
    private static Pages Matching(GoRegex regex, Segment segment, bool isArrayPossible)
    {
        var isUseful = segment.Count <= MostMatched && !(isArrayPossible && segment.HasArrays) && !regex.IsMatch("");
        var found = new SortedSet<int>();
        for (var id = 1; isUseful && id < segment.Count; id++)
        {
            if (regex.IsMatch(Encoding.UTF8.GetString(segment[id])))
            {
                var pages = segment.PagesOf(id);
                isUseful = !pages.IsEmpty;
                foreach (var page in pages)
                {
                    found.Add(page);
                }
            }
        }

        return isUseful ? new Pages([.. found]) : Pages.All;
    }

    private static Pages Containing(string text, Segment segment, bool isArrayPossible = false)
    {
        var id = segment.Find(Encoding.UTF8.GetBytes(text));
        if (id < 0)
        {
            return isArrayPossible && segment.HasArrays ? Pages.All : Pages.None;
        }

        if (isArrayPossible && segment.HasArrays)
        {
            return Pages.All;
        }

        var pages = segment.PagesOf(id);
        return pages.IsEmpty ? Pages.All : new Pages(pages.ToArray());
    }

    /// <summary>A set of pages: a list, or all of them.</summary>
    private readonly record struct Pages(int[]? List)
    {
        public static readonly Pages All = new(null);

        public static readonly Pages None = new([]);

        public bool IsNone => List is { Length: 0 };

        public Pages And(Pages other) => List is null ? other : other.List is null ? this : new Pages([.. List.Intersect(other.List).Order()]);

        public Pages Or(Pages other) => List is null || other.List is null ? All : new Pages([.. List.Union(other.List).Order()]);
    }
}
