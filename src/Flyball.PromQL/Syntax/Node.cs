using Flyball.Model.Labels;

namespace Flyball.PromQL.Syntax;

/// <summary>A part of a parsed query.</summary>
internal abstract class Node
{
    /// <summary>Where it stands in the text.</summary>
    public SourceSpan Span { get; set; }

    /// <summary>What kind of value it has.</summary>
    public abstract ValueKind Kind { get; }

    /// <summary>What it consists of, in the order of the text.</summary>
    public virtual IEnumerable<Node> Children => [];

    /// <summary>One line, normalised.</summary>
    public override string ToString() => Printer.Print(this);
}

/// <summary>A number, or a duration that stands for its seconds.</summary>
internal sealed class NumberLiteral : Node
{
    public double Value { get; set; }

    public bool IsDuration { get; init; }

    public override ValueKind Kind => ValueKind.Scalar;
}

/// <summary>A string.</summary>
internal sealed class StringLiteral : Node
{
    public required string Value { get; init; }

    public override ValueKind Kind => ValueKind.String;
}

/// <summary>Which bound of the query an <c>@</c> names.</summary>
internal enum QueryBound
{
    None,
    Start,
    End,
}

/// <summary>How a selector treats the edges of its window.</summary>
internal enum EdgeMode
{
    /// <summary>Only the samples inside.</summary>
    Plain,

    /// <summary>With the sample at or before the left edge.</summary>
    Anchored,

    /// <summary>With values interpolated at both edges.</summary>
    Smoothed,
}

/// <summary>Where in time a selector or subquery looks: the modifiers <c>@</c> and <c>offset</c>.</summary>
internal sealed class TimeShift
{
    public long OffsetMs { get; set; }

    public Node? OffsetExpression { get; set; }

    public long? AtMs { get; set; }

    public QueryBound AtBound { get; set; }

    public bool HasOffset => OffsetMs != 0 || OffsetExpression is not null;

    public bool HasAt => AtMs is not null || AtBound != QueryBound.None;
}

/// <summary>An instant selector: a name, matchers, modifiers.</summary>
internal sealed class VectorSelector : Node
{
    public string Name { get; init; } = "";

    public required List<Matcher> Matchers { get; init; }

    public TimeShift Shift { get; } = new();

    public EdgeMode Edges { get; set; }

    /// <summary>The second argument of <c>info</c> may select everything.</summary>
    public bool MayBeEmpty { get; set; }

    public override ValueKind Kind => ValueKind.Vector;
}

/// <summary>A range selector.</summary>
internal sealed class MatrixSelector : Node
{
    public required Node Inner { get; init; }

    public VectorSelector Selector => (VectorSelector)Inner;

    public long RangeMs { get; set; }

    public Node? RangeExpression { get; init; }

    public override ValueKind Kind => ValueKind.Matrix;

    public override IEnumerable<Node> Children => [Inner];
}

/// <summary>A subquery: an expression evaluated over a range of its own.</summary>
internal sealed class Subquery : Node
{
    public required Node Inner { get; init; }

    public long RangeMs { get; set; }

    public Node? RangeExpression { get; init; }

    /// <summary>0 = the default of the engine.</summary>
    public long StepMs { get; set; }

    public Node? StepExpression { get; init; }

    public TimeShift Shift { get; } = new();

    public override ValueKind Kind => ValueKind.Matrix;

    public override IEnumerable<Node> Children => [Inner];
}

/// <summary>A call of a function.</summary>
internal sealed class Call : Node
{
    public required FunctionSignature Function { get; init; }

    public required List<Node> Arguments { get; init; }

    public override ValueKind Kind => Function.Returns;

    public override IEnumerable<Node> Children => Arguments;
}

/// <summary>An aggregation.</summary>
internal sealed class Aggregation : Node
{
    public required TokenKind Operator { get; init; }

    public Node? Parameter { get; set; }

    public Node? Inner { get; set; }

    public required List<string> Grouping { get; init; }

    public bool Without { get; init; }

    public override ValueKind Kind => ValueKind.Vector;

    public override IEnumerable<Node> Children
    {
        get
        {
            if (Parameter is not null)
            {
                yield return Parameter;
            }

            if (Inner is not null)
            {
                yield return Inner;
            }
        }
    }
}

/// <summary>How many elements of one side a single element of the other may match.</summary>
internal enum MatchCardinality
{
    OneToOne,
    ManyToOne,
    OneToMany,
    ManyToMany,
}

/// <summary>How the elements of two vectors find each other.</summary>
internal sealed class VectorMatching
{
    public MatchCardinality Cardinality { get; set; }

    public bool On { get; set; }

    public List<string> Labels { get; set; } = [];

    public List<string> Include { get; set; } = [];

    public double? FillLeft { get; set; }

    public double? FillRight { get; set; }
}

/// <summary>A binary operation.</summary>
internal sealed class BinaryOperation : Node
{
    private ValueKind? _kind;

    public required TokenKind Operator { get; init; }

    public required Node Left { get; init; }

    public required Node Right { get; init; }

    public bool ReturnBool { get; init; }

    /// <summary>Null unless both sides are vectors.</summary>
    public VectorMatching? Matching { get; set; }

    // Kept after the first time: long chains ask every link for its kind.
    public override ValueKind Kind =>
        _kind ??= Left.Kind == ValueKind.Scalar && Right.Kind == ValueKind.Scalar ? ValueKind.Scalar : ValueKind.Vector;

    public override IEnumerable<Node> Children => [Left, Right];
}

/// <summary>A sign before an expression.</summary>
internal sealed class UnaryOperation : Node
{
    public required TokenKind Operator { get; init; }

    public required Node Inner { get; init; }

    public override ValueKind Kind => Inner.Kind;

    public override IEnumerable<Node> Children => [Inner];
}

/// <summary>An expression in parentheses.</summary>
internal sealed class Parenthesis : Node
{
    public required Node Inner { get; init; }

    public override ValueKind Kind => Inner.Kind;

    public override IEnumerable<Node> Children => [Inner];
}

/// <summary>Arithmetic with durations, evaluated once per query.</summary>
internal sealed class DurationExpression : Node
{
    /// <summary>An arithmetic operator, or step, range, min_of, max_of.</summary>
    public required TokenKind Operator { get; init; }

    /// <summary>Null for a sign and for step() and range().</summary>
    public Node? Left { get; init; }

    public Node? Right { get; init; }

    /// <summary>Whether it is in parentheses.</summary>
    public bool Wrapped { get; set; }

    public override ValueKind Kind => ValueKind.Scalar;
}
