using System.Runtime.CompilerServices;
using System.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Writes nodes over several lines where one would be longer than 100 columns, two spaces per level.</summary>
internal static class PrettyPrinter
{
    private const int Columns = 100;

    // Each level measures and indents all below it: time and text grow with the square of the depth.
    private const int MostLevels = 1500;

    public static string Print(Node node, int columns = Columns) =>
        LevelsOf(node) <= MostLevels ? Print(node, level: 0, columns) : throw new InsufficientExecutionStackException();

    private static int LevelsOf(Node root)
    {
        var levels = 0;
        var open = new Stack<(Node Node, int Level)>([(root, 1)]);
        while (levels <= MostLevels && open.TryPop(out var next))
        {
            levels = Math.Max(levels, next.Level);
            foreach (var child in next.Node.Children)
            {
                open.Push((child, next.Level + 1));
            }
        }

        return levels;
    }

    private static string Print(Node node, int level, int columns)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var line = Printer.Print(node);
        var indent = Indent(level);
        var splittable = node is Aggregation or BinaryOperation or Call or Subquery or Parenthesis or UnaryOperation;
        if (line.Length <= columns || !splittable)
        {
            return indent + line;
        }

        switch (node)
        {
            case Aggregation aggregation:
                return indent + Printer.AggregationHead(aggregation) + Enclosed([.. aggregation.Children], level, columns);
            case Call call:
                return indent + call.Function.Name + Enclosed(call.Arguments, level, columns);
            case BinaryOperation binary:
                var head = Printer.BinaryHead(binary);
                var left = Print(binary.Left, level + 1, columns);
                return $"{left}\n{indent}{head}\n{Print(binary.Right, level + 1, columns)}";
            case Parenthesis parenthesis:
                return Enclosed([parenthesis.Inner], level, columns, indent);
            case Subquery subquery:
                return Print(subquery.Inner, level, columns) + Printer.SubquerySuffix(subquery);
            default:
                var unary = (UnaryOperation)node;
                return indent + unary.Operator.Text() + Print(unary.Inner, level, columns)[indent.Length..];
        }
    }

    private static string Enclosed(List<Node> nodes, int level, int columns, string before = "")
    {
        var text = new StringBuilder(before).Append("(\n");
        for (var i = 0; i < nodes.Count; i++)
        {
            text.Append(Print(nodes[i], level + 1, columns)).Append(i + 1 < nodes.Count ? ",\n" : "\n");
        }

        return text.Append(Indent(level)).Append(')').ToString();
    }

    private static string Indent(int level) => new(' ', level * 2);
}
