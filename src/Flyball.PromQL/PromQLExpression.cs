using System.Text;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL;

/// <summary>A parsed and type-checked query. Immutable, so one may be evaluated many times and from many threads.</summary>
public sealed class PromQLExpression
{
    private IReadOnlyList<SelectorInfo>? _selectors;

    private PromQLExpression(string text, byte[] utf8, Node root)
    {
        Text = text;
        Utf8 = utf8;
        Root = root;
    }

    /// <summary>The query as given.</summary>
    public string Text { get; }

    /// <summary>What kind of value it has.</summary>
    public ValueKind Kind => Root.Kind;

    /// <summary>Every selector of the query, in the order of the text.</summary>
    public IReadOnlyList<SelectorInfo> Selectors => _selectors ??= FindSelectors();

    internal Node Root { get; }

    internal byte[] Utf8 { get; }

    /// <summary>Parses a query.</summary>
    /// <param name="text">The query.</param>
    /// <param name="features">Parts of the language that are on; null = <see cref="PromQLFeatures.Default"/>.</param>
    /// <exception cref="PromQLSyntaxException">It is not valid.</exception>
    public static PromQLExpression Parse(string text, PromQLFeatures? features = null)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return new PromQLExpression(text, utf8, Parser.ParseExpression(utf8, features ?? PromQLFeatures.Default));
    }

    /// <summary>Parses a query given as bytes, which may turn out not to be UTF-8.</summary>
    /// <exception cref="PromQLSyntaxException">It is not valid.</exception>
    public static PromQLExpression Parse(ReadOnlySpan<byte> utf8, PromQLFeatures? features = null)
    {
        var bytes = utf8.ToArray();
        var root = Parser.ParseExpression(bytes, features ?? PromQLFeatures.Default);
        return new PromQLExpression(Encoding.UTF8.GetString(bytes), bytes, root);
    }

    /// <summary>Parses a query without throwing.</summary>
    /// <param name="problem">What is wrong if the answer is false.</param>
    public static bool TryParse(
        string text,
        PromQLFeatures? features,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PromQLExpression? expression,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out PromQLSyntaxException? problem)
    {
        try
        {
            expression = Parse(text, features);
            problem = null;
            return true;
        }
        catch (PromQLSyntaxException e)
        {
            expression = null;
            problem = e;
            return false;
        }
    }

    /// <summary>Parses a series selector such as <c>up{job="a"}</c>, as <c>match[]</c> parameters have it.</summary>
    /// <exception cref="PromQLSyntaxException">It is none.</exception>
    public static IReadOnlyList<Matcher> ParseSelector(string text) =>
        Parser.ParseSelector(Encoding.UTF8.GetBytes(text), PromQLFeatures.Default).Matchers;

    /// <summary>The query on one line, normalised.</summary>
    /// <exception cref="PromQLSyntaxException">It is a chain of more links than can be walked.</exception>
    public override string ToString() => Walked(() => Printer.Print(Root));

    /// <summary>The query laid out over several lines where one would be longer than 100 columns.</summary>
    /// <exception cref="PromQLSyntaxException">It is a chain of more links than can be walked.</exception>
    public string ToPrettyString() => Walked(() => PrettyPrinter.Print(Root));

    /// <summary>Writes the syntax tree as <c>/api/v1/parse_query</c> answers it.</summary>
    /// <exception cref="PromQLSyntaxException">It is a chain of more links than can be walked.</exception>
    public void WriteTree(Utf8JsonWriter json) => Walked(() =>
    {
        TreeWriter.Write(json, Root);
        return "";
    });

    private string Walked(Func<string> walk)
    {
        try
        {
            return walk();
        }
        catch (InsufficientExecutionStackException)
        {
            throw new PromQLSyntaxException([new SyntaxProblem("expression is a chain too long to be written out", 1, 1, 0, Utf8.Length)]);
        }
    }

    private List<SelectorInfo> FindSelectors()
    {
        var found = new List<SelectorInfo>();
        var open = new Stack<Node>();
        open.Push(Root);
        while (open.TryPop(out var node))
        {
            if (node is VectorSelector selector)
            {
                found.Add(new SelectorInfo(selector.Matchers));
            }

            foreach (var child in node.Children.Reverse())
            {
                open.Push(child);
            }
        }

        return found;
    }
}

/// <summary>A selector of a query.</summary>
/// <param name="Matchers">What it asks for, the metric's name among it.</param>
public sealed record SelectorInfo(IReadOnlyList<Matcher> Matchers)
{
    /// <summary>The metric names it can match, or null if its matchers do not say: then any.</summary>
    public IReadOnlyList<string>? MetricNames { get; } = FindNames(Matchers);

    private static IReadOnlyList<string>? FindNames(IReadOnlyList<Matcher> matchers)
    {
        foreach (var matcher in matchers)
        {
            if (matcher is { Name: LabelSet.MetricNameLabel, Op: MatchOp.Equal })
            {
                return [matcher.Value];
            }

            if (matcher is { Name: LabelSet.MetricNameLabel, Op: MatchOp.Regex, Literals: { } literals })
            {
                return literals;
            }
        }

        return null;
    }
}
