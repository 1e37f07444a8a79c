namespace Flyball.Templates.Syntax;

/// <summary>Makes nodes of a template's tokens: text, actions and control structures.</summary>
/// <remarks>Pipelines are read by the other half of this class. Grammar: Go's text/template, "Actions".</remarks>
internal sealed partial class Parser
{
    private const int DeepestNesting = 200;

    private readonly SourceText _source;
    private readonly List<Token> _tokens;
    private readonly TemplateFunctions _functions;
    private readonly Dictionary<string, Definition> _definitions;
    private List<string> _variables;
    private int _at;
    private int _depth;
    private int _ranges;

    private Parser(SourceText source, TemplateFunctions functions, IEnumerable<string> variables, Dictionary<string, Definition> definitions)
    {
        _source = source;
        _tokens = Lexer.Run(source.Text);
        _functions = functions;
        _definitions = definitions;
        _variables = ["$", .. variables];
    }

    /// <summary>Parses a text; what it defines goes into <paramref name="definitions"/>, itself under its own name.</summary>
    /// <exception cref="TemplateException">It is no template.</exception>
    public static void Parse(SourceText source, TemplateFunctions functions, IEnumerable<string> variables, Dictionary<string, Definition> definitions)
    {
        var parser = new Parser(source, functions, variables, definitions);
        var body = parser.ParseTopLevel();
        parser.Define(source.Name, body, at: 0);
    }

    private Token Current => _tokens[_at];

    private ListNode ParseTopLevel()
    {
        var items = new List<Node>();
        while (Current.Kind != TokenKind.End)
        {
            if (Current.Kind == TokenKind.LeftDelim && PeekKeyword() == "define")
            {
                ParseDefinition();
                continue;
            }

            if (ParseTextOrAction(items) is { } stop)
            {
                throw Error(stop.At, $"unexpected {{{{{stop.Keyword}}}}}");
            }
        }

        return new ListNode(0, items);
    }

    // The keyword of the action the parser stands before, or "".
    private string PeekKeyword()
    {
        var at = _at + 1;
        while (_tokens[at].Kind == TokenKind.Space)
        {
            at++;
        }

        return _tokens[at].Kind == TokenKind.Keyword ? _tokens[at].Text : "";
    }

    // Adds one item, or returns the {{else}} or {{end}} that ends the list.
    private Stop? ParseTextOrAction(List<Node> items)
    {
        var token = Next();
        switch (token.Kind)
        {
            case TokenKind.Text:
                items.Add(new TextNode(token.At, token.Text));
                return null;
            case TokenKind.LeftDelim:
                SkipSpace();
                if (Current.Kind == TokenKind.Keyword)
                {
                    return ParseKeyword(Next(), items);
                }

                items.Add(new ActionNode(token.At, ParsePipeline("command", TokenKind.RightDelim)));
                return null;
            default:
                throw Unexpected(token, "input");
        }
    }

    private Stop? ParseKeyword(Token keyword, List<Node> items)
    {
        switch (keyword.Text)
        {
            case "if" or "with" or "range":
                items.Add(ParseControl(keyword));
                return null;
            case "else":
                return new Stop(keyword.At, "else");
            case "end":
                Expect(TokenKind.RightDelim, "end");
                return new Stop(keyword.At, "end");
            case "break" or "continue":
                Expect(TokenKind.RightDelim, keyword.Text);
                if (_ranges == 0)
                {
                    throw Error(keyword.At, $"{{{{{keyword.Text}}}}} outside {{{{range}}}}");
                }

                items.Add(keyword.Text == "break" ? new BreakNode(keyword.At) : new ContinueNode(keyword.At));
                return null;
            case "template":
                var name = ParseName("template clause");
                items.Add(new TemplateNode(keyword.At, name, ParseOptionalPipeline("template clause")));
                return null;
            case "block":
                items.Add(ParseBlock(keyword));
                return null;
            default:
                throw Unexpected(keyword, "command");
        }
    }

    private PipeNode? ParseOptionalPipeline(string context)
    {
        SkipSpace();
        if (Current.Kind != TokenKind.RightDelim)
        {
            return ParsePipeline(context, TokenKind.RightDelim);
        }

        _at++;
        return null;
    }

    private Node ParseControl(Token keyword)
    {
        using var _ = Nest(keyword.At);
        var scope = _variables.Count;
        var pipe = ParsePipeline(keyword.Text, TokenKind.RightDelim);
        var isRange = keyword.Text == "range";
        _ranges += isRange ? 1 : 0;
        var (body, stop) = ParseList(keyword);
        _ranges -= isRange ? 1 : 0;
        var otherwise = ListNode.Empty;
        if (stop.Keyword == "else")
        {
            otherwise = ParseElse(keyword);
        }

        _variables.RemoveRange(scope, _variables.Count - scope);
        return keyword.Text switch
        {
            "if" => new IfNode(keyword.At, pipe, body, otherwise),
            "with" => new WithNode(keyword.At, pipe, body, otherwise),
            _ => new RangeNode(keyword.At, pipe, body, otherwise),
        };
    }

    // {{else}} … {{end}}, or {{else if …}} as short form of {{else}}{{if …}}{{end}}.
    private ListNode ParseElse(Token keyword)
    {
        var next = NextNonSpace();
        if (next.Kind == TokenKind.Keyword && next.Text == keyword.Text && keyword.Text is "if" or "with")
        {
            return new ListNode(next.At, [ParseControl(next)]);
        }

        if (next.Kind != TokenKind.RightDelim)
        {
            throw Unexpected(next, "else");
        }

        var (list, stop) = ParseList(keyword);
        return stop.Keyword == "end" ? list : throw Error(stop.At, "expected end; found {{else}}");
    }

    private (ListNode List, Stop Stop) ParseList(Token opener)
    {
        var items = new List<Node>();
        while (Current.Kind != TokenKind.End)
        {
            if (ParseTextOrAction(items) is { } stop)
            {
                return (new ListNode(opener.At, items), stop);
            }
        }

        throw Error(Current.At, "unexpected EOF");
    }

    private void ParseDefinition()
    {
        Next();
        var keyword = NextNonSpace();
        var name = ParseName("define clause");
        Expect(TokenKind.RightDelim, "define clause");
        var body = ParseSeparateBody(keyword, "define clause");
        Define(name, body, keyword.At);
    }

    private TemplateNode ParseBlock(Token keyword)
    {
        var name = ParseName("block clause");
        var data = ParsePipeline("block clause", TokenKind.RightDelim);
        Define(name, ParseSeparateBody(keyword, "block clause"), keyword.At);
        return new TemplateNode(keyword.At, name, data);
    }

    // A definition sees no variable and no loop of its surroundings.
    private ListNode ParseSeparateBody(Token keyword, string context)
    {
        using var _ = Nest(keyword.At);
        var (variables, ranges) = (_variables, _ranges);
        (_variables, _ranges) = (["$"], 0);
        var (body, stop) = ParseList(keyword);
        (_variables, _ranges) = (variables, ranges);
        return stop.Keyword == "end" ? body : throw Error(stop.At, $"unexpected {{{{else}}}} in {context}");
    }

    private void Define(string name, ListNode body, int at)
    {
        var isEmpty = body.Items.All(i => i is TextNode text && string.IsNullOrWhiteSpace(text.Text));
        if (_definitions.TryGetValue(name, out var known) && known.Source == _source && !known.IsEmpty && !isEmpty && name != _source.Name)
        {
            throw Error(at, $"multiple definition of template {Values.GoStrings.Quote(name)}");
        }

        if (known is null || known.IsEmpty || !isEmpty)
        {
            _definitions[name] = new Definition(_source, body, isEmpty);
        }
    }

    private string ParseName(string context)
    {
        var token = NextNonSpace();
        return token.Kind switch
        {
            TokenKind.Quoted when Values.GoStrings.TryUnquote(token.Text, out var name) => name,
            TokenKind.RawText => token.Text[1..^1],
            _ => throw Unexpected(token, context),
        };
    }

    private Nesting Nest(int at)
    {
        if (++_depth > DeepestNesting)
        {
            throw Error(at, $"nested deeper than {DeepestNesting} levels");
        }

        return new Nesting(this);
    }

    private Token Next() => _tokens[_at].Kind is TokenKind.End or TokenKind.Error ? _tokens[_at] : _tokens[_at++];

    private Token NextNonSpace()
    {
        SkipSpace();
        return Next();
    }

    private void SkipSpace()
    {
        while (Current.Kind == TokenKind.Space)
        {
            _at++;
        }
    }

    private void Expect(TokenKind kind, string context)
    {
        var token = NextNonSpace();
        if (token.Kind != kind)
        {
            throw Unexpected(token, context);
        }
    }

    private TemplateException Unexpected(Token token, string context) =>
        Error(token.At, token.Kind == TokenKind.Error ? token.Text : $"unexpected {token} in {context}");

    private TemplateException Error(int at, string message) => _source.ParseError(at, message);

    private readonly record struct Stop(int At, string Keyword);

    private readonly struct Nesting(Parser parser) : IDisposable
    {
        public void Dispose() => parser._depth--;
    }
}

/// <summary>A named template of a set.</summary>
internal sealed record Definition(SourceText Source, ListNode Body, bool IsEmpty);
