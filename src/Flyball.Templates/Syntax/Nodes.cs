using Flyball.Templates.Values;

namespace Flyball.Templates.Syntax;

/// <summary>A piece of a parsed template. <c>ToString</c> gives the normalised source, as error messages quote it.</summary>
/// <param name="At">Where it begins in the text.</param>
internal abstract record Node(int At);

internal sealed record ListNode(int At, IReadOnlyList<Node> Items) : Node(At)
{
    public static readonly ListNode Empty = new(0, []);
}

internal sealed record TextNode(int At, string Text) : Node(At);

internal sealed record ActionNode(int At, PipeNode Pipe) : Node(At)
{
    public override string ToString() => "{{" + Pipe + "}}";
}

internal sealed record IfNode(int At, PipeNode Pipe, ListNode Then, ListNode Else) : Node(At);

internal sealed record WithNode(int At, PipeNode Pipe, ListNode Then, ListNode Else) : Node(At);

internal sealed record RangeNode(int At, PipeNode Pipe, ListNode Body, ListNode Else) : Node(At);

internal sealed record BreakNode(int At) : Node(At);

internal sealed record ContinueNode(int At) : Node(At);

internal sealed record TemplateNode(int At, string Name, PipeNode? Data) : Node(At)
{
    public override string ToString() => $"{{{{template {GoStrings.Quote(Name)}{(Data is null ? "" : " " + Data)}}}}}";
}

internal sealed record PipeNode(int At, bool IsAssignment, IReadOnlyList<VariableNode> Declared, IReadOnlyList<CommandNode> Commands)
    : Node(At)
{
    public override string ToString()
    {
        var declared = Declared.Count == 0 ? "" : string.Join(", ", Declared) + (IsAssignment ? " = " : " := ");
        return declared + string.Join(" | ", Commands);
    }
}

internal sealed record CommandNode(int At, IReadOnlyList<Node> Operands) : Node(At)
{
    public override string ToString() => string.Join(' ', Operands.Select(o => o is PipeNode ? $"({o})" : o.ToString()));
}

internal sealed record IdentifierNode(int At, string Name) : Node(At)
{
    public override string ToString() => Name;
}

/// <summary>A variable and what is asked of it.</summary>
/// <param name="Names">The variable with its dollar, then fields.</param>
internal sealed record VariableNode(int At, IReadOnlyList<string> Names) : Node(At)
{
    public override string ToString() => string.Join('.', Names);
}

internal sealed record FieldNode(int At, IReadOnlyList<string> Names) : Node(At)
{
    public override string ToString() => "." + string.Join('.', Names);
}

internal sealed record ChainNode(int At, Node Base, IReadOnlyList<string> Names) : Node(At)
{
    public override string ToString() => (Base is PipeNode ? $"({Base})" : Base.ToString()) + "." + string.Join('.', Names);
}

internal sealed record DotNode(int At) : Node(At)
{
    public override string ToString() => ".";
}

internal sealed record NilNode(int At) : Node(At)
{
    public override string ToString() => "nil";
}

/// <summary>A literal: bool, number or string.</summary>
internal sealed record LiteralNode(int At, object Value, string Source) : Node(At)
{
    public override string ToString() => Source;
}
