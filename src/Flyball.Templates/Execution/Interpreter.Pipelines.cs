using Flyball.Templates.Functions;
using Flyball.Templates.Syntax;
using Flyball.Templates.Values;

namespace Flyball.Templates.Execution;

/// <content>Evaluation of pipelines, commands and operands.</content>
internal sealed partial class Interpreter
{
    // Stands for "nothing is piped in"; null is a value.
    private static readonly object NotPiped = new();

    private object? Evaluate(PipeNode pipe, object? dot)
    {
        var value = EvaluateCommands(pipe, dot);
        foreach (var variable in pipe.Declared)
        {
            Bind(pipe, variable, value);
        }

        return value;
    }

    private object? EvaluateCommands(PipeNode pipe, object? dot)
    {
        At(pipe);
        var value = NotPiped;
        foreach (var command in pipe.Commands)
        {
            value = Evaluate(command, dot, value);
        }

        return value;
    }

    private object? Evaluate(CommandNode command, object? dot, object? piped)
    {
        Step();
        var first = command.Operands[0];
        switch (first)
        {
            case FieldNode field:
                At(field);
                return EvaluateFields(dot, dot, field.Names, command, piped);
            case ChainNode chain:
                return EvaluateChain(chain, dot, command, piped);
            case IdentifierNode identifier:
                At(identifier);
                return EvaluateFunction(identifier.Name, dot, command, piped);
            case PipeNode nested:
                RefuseArguments(command, piped);
                return Evaluate(nested, dot);
            case VariableNode variable:
                At(variable);
                return EvaluateVariable(variable, dot, command, piped);
        }

        At(first);
        RefuseArguments(command, piped);
        return first switch
        {
            DotNode => dot,
            LiteralNode literal => literal.Value,
            NilNode => throw Error("nil is not a command"),
            _ => throw Error($"can't evaluate command {GoStrings.Quote(first.ToString())}"),
        };
    }

    private object? EvaluateOperand(Node node, object? dot)
    {
        At(node);
        return node switch
        {
            DotNode => dot,
            NilNode => null,
            LiteralNode literal => literal.Value,
            FieldNode field => EvaluateFields(dot, dot, field.Names, command: null, NotPiped),
            VariableNode variable => EvaluateVariable(variable, dot, command: null, NotPiped),
            PipeNode pipe => Evaluate(pipe, dot),
            ChainNode chain => EvaluateChain(chain, dot, command: null, NotPiped),
            IdentifierNode identifier => EvaluateFunction(identifier.Name, dot, new CommandNode(identifier.At, [identifier]), NotPiped),
            _ => throw Error($"can't handle {node} as an argument"),
        };
    }

    private object? EvaluateVariable(VariableNode variable, object? dot, CommandNode? command, object? piped)
    {
        var name = variable.Names[0];
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name != name)
            {
                continue;
            }

            if (variable.Names.Count == 1)
            {
                RefuseArguments(command, piped);
                return _variables[i].Value;
            }

            return EvaluateFields(_variables[i].Value, dot, [.. variable.Names.Skip(1)], command, piped);
        }

        throw Error($"undefined variable: {name}");
    }

    private object? EvaluateChain(ChainNode chain, object? dot, CommandNode? command, object? piped)
    {
        At(chain);
        if (chain.Base is NilNode)
        {
            throw Error($"indirection through explicit nil in {chain}");
        }

        return EvaluateFields(EvaluateOperand(chain.Base, dot), dot, chain.Names, command, piped);
    }

    // Arguments belong to the last name of a chain.
    private object? EvaluateFields(object? receiver, object? dot, IReadOnlyList<string> names, CommandNode? command, object? piped)
    {
        for (var i = 0; i < names.Count; i++)
        {
            var isLast = i == names.Count - 1;
            receiver = EvaluateField(receiver, dot, names[i], isLast ? command : null, isLast ? piped : NotPiped);
        }

        return receiver;
    }

    private object? EvaluateField(object? receiver, object? dot, string name, CommandNode? command, object? piped)
    {
        var hasArguments = command is { Operands.Count: > 1 } || piped != NotPiped;
        switch (receiver)
        {
            case null:
                return _options.MissingKey == MissingKey.Error ? throw Error($"nil data; no entry for key {GoStrings.Quote(name)}") : null;
            case ITemplateObject typed when typed.TryGetMember(name, out var member):
                if (member is TemplateFunction method)
                {
                    return Call(name, method, dot, command, piped);
                }

                return hasArguments ? throw Error($"{name} has arguments but cannot be invoked as function") : member;
            case IReadOnlyDictionary<string, string> or IReadOnlyDictionary<string, object?>:
                return hasArguments ? throw Error($"{name} is not a method but has arguments") : Lookup(receiver, name);
            default:
                throw Error($"can't evaluate field {name} in type {GoValue.TypeName(receiver)}");
        }
    }

    private object? Lookup(object map, string key)
    {
        var found = BuiltinFunctions.TryLookup(map, key, out var value);
        return found || _options.MissingKey == MissingKey.Zero ? value : throw Error($"map has no entry for key {GoStrings.Quote(key)}");
    }

    private object? EvaluateFunction(string name, object? dot, CommandNode command, object? piped)
    {
        if (!_functions.TryGet(name, out var function))
        {
            throw Error($"{GoStrings.Quote(name)} is not a defined function");
        }

        return name is "and" or "or"
            ? EvaluateShortCircuit(name, dot, command, piped)
            : Call(name, function, dot, command, piped);
    }

    // Both stop at the first operand that decides, without evaluating the others.
    private object? EvaluateShortCircuit(string name, object? dot, CommandNode command, object? piped)
    {
        if (command.Operands.Count == 1 && piped == NotPiped)
        {
            throw Error($"wrong number of args for {name}: want at least 1 got 0");
        }

        object? value = null;
        foreach (var operand in command.Operands.Skip(1))
        {
            value = EvaluateOperand(operand, dot);
            if (GoValue.IsTrue(value) == (name == "or"))
            {
                return value;
            }
        }

        return piped == NotPiped ? value : piped;
    }

    private object? Call(string name, TemplateFunction function, object? dot, CommandNode? command, object? piped)
    {
        var site = _node;
        var count = (command?.Operands.Count ?? 1) - 1 + (piped == NotPiped ? 0 : 1);
        if (count < function.MinArguments || count > function.MaxArguments)
        {
            var wanted = function.MaxArguments == int.MaxValue ? $"at least {function.MinArguments}" : function.MinArguments.ToString();
            throw Error($"wrong number of args for {name}: want {wanted} got {count}");
        }

        var arguments = new List<object?>(count);
        foreach (var operand in command?.Operands.Skip(1) ?? [])
        {
            arguments.Add(EvaluateOperand(operand, dot));
        }

        if (piped != NotPiped)
        {
            arguments.Add(piped);
        }

        return Invoke(name, function, arguments, command ?? site);
    }

    private object? Invoke(string name, TemplateFunction function, List<object?> arguments, Node site)
    {
        try
        {
            return Guard(name, function.Body(new TemplateCall(arguments, _host, Capture)));
        }
        catch (TemplateFunctionException e) when (e.IsTypeMismatch)
        {
            throw Error(e.Message, e);
        }
        catch (TemplateFunctionException e)
        {
            At(site);
            throw Error($"error calling {name}: {e.Message}", e);
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            At(site);
            throw Error($"error calling {name}: value out of range", e);
        }
    }

    // A loop that doubles a string would outgrow memory long before it runs out of steps.
    private object? Guard(string name, object? value) =>
        value is string text && text.Length > _options.Limits.OutputChars
            ? throw Error($"error calling {name}: the result is longer than {_options.Limits.OutputChars} characters")
            : value;

    private void RefuseArguments(CommandNode? command, object? piped)
    {
        if (command is { Operands.Count: > 1 } || piped != NotPiped)
        {
            throw Error($"can't give argument to non-function {command?.Operands[0]}");
        }
    }
}
