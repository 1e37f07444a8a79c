using Flyball.Templates.Values;

namespace Flyball.Templates.Syntax;

/// <content>Pipelines, commands and operands.</content>
internal sealed partial class Parser
{
    private PipeNode ParsePipeline(string context, TokenKind end)
    {
        SkipSpace();
        var at = Current.At;
        var declared = new List<VariableNode>();
        var isAssignment = ParseDeclarations(context, declared);
        var commands = new List<CommandNode>();
        while (true)
        {
            var token = NextNonSpace();
            if (token.Kind == end)
            {
                CheckPipeline(at, commands, context);
                // A variable lives from the end of its declaration on.
                _variables.AddRange(isAssignment ? [] : declared.Select(v => v.Names[0]));
                return new PipeNode(at, isAssignment, declared, commands);
            }

            if (!StartsOperand(token.Kind))
            {
                throw Unexpected(token, context);
            }

            _at--;
            commands.Add(ParseCommand());
        }
    }

    // "$x := ", "$x = ", and for range "$i, $x := ". Returns whether it is an assignment.
    private bool ParseDeclarations(string context, List<VariableNode> declared)
    {
        var start = _at;
        while (Current.Kind == TokenKind.Variable)
        {
            var variable = Next();
            SkipSpace();
            var follower = Current;
            if (follower.Kind is TokenKind.Assign or TokenKind.Declare)
            {
                _at++;
                SkipSpace();
                declared.Add(new VariableNode(variable.At, [variable.Text]));
                if (follower.Kind == TokenKind.Assign)
                {
                    declared.ForEach(v => RequireVariable(v.At, v.Names[0]));
                }

                return follower.Kind == TokenKind.Assign;
            }

            if (follower is not { Kind: TokenKind.Character, Text: "," })
            {
                break;
            }

            if (context != "range" || declared.Count > 0)
            {
                throw Error(variable.At, $"too many declarations in {context}");
            }

            _at++;
            SkipSpace();
            declared.Add(new VariableNode(variable.At, [variable.Text]));
            if (Current.Kind != TokenKind.Variable)
            {
                throw Error(Current.At, "range can only initialize variables");
            }
        }

        if (declared.Count > 0)
        {
            throw Error(declared[0].At, "range can only initialize variables");
        }

        _at = start;
        return false;
    }

    private static bool StartsOperand(TokenKind kind) => kind is TokenKind.Boolean or TokenKind.Rune or TokenKind.Dot
        or TokenKind.Field or TokenKind.Identifier or TokenKind.Number or TokenKind.Nil or TokenKind.RawText
        or TokenKind.Quoted or TokenKind.Variable or TokenKind.LeftParen;

    private void CheckPipeline(int at, List<CommandNode> commands, string context)
    {
        if (commands.Count == 0)
        {
            throw Error(at, $"missing value for {context}");
        }

        for (var i = 1; i < commands.Count; i++)
        {
            if (commands[i].Operands[0] is LiteralNode or DotNode or NilNode)
            {
                throw Error(commands[i].At, $"non executable command in pipeline stage {i + 1}");
            }
        }
    }

    private CommandNode ParseCommand()
    {
        var operands = new List<Node>();
        while (true)
        {
            SkipSpace();
            if (ParseOperand() is { } operand)
            {
                operands.Add(operand);
            }

            var token = Next();
            if (token.Kind == TokenKind.Space)
            {
                continue;
            }

            if (token.Kind is TokenKind.RightDelim or TokenKind.RightParen)
            {
                _at--;
            }
            else if (token.Kind != TokenKind.Pipe)
            {
                throw Unexpected(token, "operand");
            }

            return operands.Count == 0 ? throw Error(token.At, "empty command") : new CommandNode(operands[0].At, operands);
        }
    }

    private Node? ParseOperand()
    {
        var node = ParseTerm();
        if (node is null || Current.Kind != TokenKind.Field)
        {
            return node;
        }

        var names = new List<string>();
        while (Current.Kind == TokenKind.Field)
        {
            names.Add(Next().Text[1..]);
        }

        return node switch
        {
            FieldNode field => new FieldNode(field.At, [.. field.Names, .. names]),
            VariableNode variable => new VariableNode(variable.At, [.. variable.Names, .. names]),
            LiteralNode or NilNode or DotNode => throw Error(node.At, $"unexpected . after term {GoStrings.Quote(node.ToString())}"),
            _ => new ChainNode(node.At, node, names),
        };
    }

    private Node? ParseTerm()
    {
        var token = NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return _functions.TryGet(token.Text, out _)
                    ? new IdentifierNode(token.At, token.Text)
                    : throw Error(token.At, $"function {GoStrings.Quote(token.Text)} not defined");
            case TokenKind.Dot:
                return new DotNode(token.At);
            case TokenKind.Nil:
                return new NilNode(token.At);
            case TokenKind.Variable:
                RequireVariable(token.At, token.Text);
                return new VariableNode(token.At, [token.Text]);
            case TokenKind.Field:
                return new FieldNode(token.At, [token.Text[1..]]);
            case TokenKind.LeftParen:
                using (Nest(token.At))
                {
                    return ParsePipeline("parenthesized pipeline", TokenKind.RightParen);
                }

            case TokenKind.Boolean or TokenKind.Number or TokenKind.Rune or TokenKind.Quoted or TokenKind.RawText:
                return new LiteralNode(token.At, ParseLiteral(token), token.Text);
            case TokenKind.Error:
                throw Unexpected(token, "operand");
            default:
                _at -= token.Kind == TokenKind.End ? 0 : 1;
                return null;
        }
    }

    private object ParseLiteral(Token token) => token.Kind switch
    {
        TokenKind.Boolean => token.Text == "true",
        TokenKind.Number => NumberLiteral.Parse(token.Text) ?? throw Error(token.At, $"bad number syntax: {GoStrings.Quote(token.Text)}"),
        TokenKind.Rune => GoStrings.TryUnquoteRune(token.Text, out var rune)
            ? (long)rune
            : throw Error(token.At, $"malformed character constant: {token.Text}"),
        TokenKind.RawText => token.Text[1..^1],
        _ => GoStrings.TryUnquote(token.Text, out var text) ? text : throw Error(token.At, "invalid syntax"),
    };

    private void RequireVariable(int at, string name)
    {
        if (!_variables.Contains(name))
        {
            throw Error(at, $"undefined variable {GoStrings.Quote(name)}");
        }
    }
}
