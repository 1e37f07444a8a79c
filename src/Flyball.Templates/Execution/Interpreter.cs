using System.Collections.Frozen;
using System.Net;
using System.Text;
using Flyball.Templates.Syntax;
using Flyball.Templates.Values;

namespace Flyball.Templates.Execution;

/// <summary>Walks the nodes of a template and writes its output. One use.</summary>
/// <remarks>Pipelines are evaluated by the other half of this class.</remarks>
internal sealed partial class Interpreter
{
    private readonly FrozenDictionary<string, Definition> _definitions;
    private readonly TemplateFunctions _functions;
    private readonly TemplateOptions _options;
    private readonly object? _host;
    private StringBuilder _output = new();
    private int _steps;
    private int _depth;

    // Where we are, for error messages: set at the same nodes as Go sets it, because its messages are what users compare.
    private Definition _definition = null!;
    private string _definitionName = "";
    private Node _node = ListNode.Empty;
    private List<Variable> _variables = [];

    public Interpreter(FrozenDictionary<string, Definition> definitions, TemplateFunctions functions, TemplateOptions options, object? host)
    {
        _definitions = definitions;
        _functions = functions;
        _options = options;
        _host = host;
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public string Run(string name, object? data, IReadOnlyList<object?> predefined)
    {
        if (!_definitions.TryGetValue(name, out var definition))
        {
            throw new TemplateException($"template: no template {GoStrings.Quote(name)} is defined", 1, 1);
        }

        _definition = definition;
        _definitionName = name;
        _variables = [new Variable("$", data)];
        for (var i = 0; i < _options.Variables.Count; i++)
        {
            _variables.Add(new Variable(_options.Variables[i], i < predefined.Count ? predefined[i] : null));
        }

        Walk(definition.Body, data);
        return _output.ToString();
    }

    private Flow Walk(ListNode list, object? dot)
    {
        foreach (var item in list.Items)
        {
            var flow = Walk(item, dot);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Walk(Node node, object? dot)
    {
        At(node);
        Step();
        switch (node)
        {
            case TextNode text:
                Write(text.Text);
                return Flow.Next;
            case ActionNode action:
                var value = Evaluate(action.Pipe, dot);
                if (action.Pipe.Declared.Count == 0)
                {
                    At(action);
                    WriteValue(value);
                }

                return Flow.Next;
            case IfNode conditional:
                return InScope(() => Walk(GoValue.IsTrue(Evaluate(conditional.Pipe, dot)) ? conditional.Then : conditional.Else, dot));
            case WithNode with:
                return InScope(() => Evaluate(with.Pipe, dot) is var inner && GoValue.IsTrue(inner)
                    ? Walk(with.Then, inner)
                    : Walk(with.Else, dot));
            case RangeNode range:
                return InScope(() => WalkRange(range, dot));
            case BreakNode:
                return Flow.Break;
            case ContinueNode:
                return Flow.Continue;
            case TemplateNode call:
                CallTemplate(call.Name, call.Data is null ? null : Evaluate(call.Data, dot));
                return Flow.Next;
            default:
                throw Error($"unknown node: {node}");
        }
    }

    private Flow InScope(Func<Flow> walk)
    {
        var mark = _variables.Count;
        var flow = walk();
        _variables.RemoveRange(mark, _variables.Count - mark);
        return flow;
    }

    private Flow WalkRange(RangeNode range, object? dot)
    {
        // The variables of "range $i, $x := …" are bound once per element, not to the list.
        var value = EvaluateCommands(range.Pipe, dot);
        var mark = _variables.Count;
        var any = false;
        foreach (var (key, item) in Entries(value))
        {
            any = true;
            BindLoopVariables(range.Pipe, key, item);
            var flow = Walk(range.Body, item);
            _variables.RemoveRange(mark, _variables.Count - mark);
            if (flow == Flow.Break)
            {
                break;
            }
        }

        return any ? Flow.Next : Walk(range.Else, dot);
    }

    private IEnumerable<(object? Key, object? Item)> Entries(object? value)
    {
        switch (value)
        {
            case null:
                return [];
            case long count:
                return Count(count);
            case ulong count:
                return Count((long)Math.Min(count, long.MaxValue));
            default:
                return GoValue.AsMap(value)?.Select(e => ((object?)e.Key, e.Value))
                    ?? GoValue.AsList(value)?.Select((item, index) => ((object?)(long)index, item))
                    ?? throw Error($"range can't iterate over {GoValue.Print(value)}");
        }
    }

    private IEnumerable<(object? Key, object? Item)> Count(long until)
    {
        for (long i = 0; i < until; i++)
        {
            Step();
            yield return (i, i);
        }
    }

    private void BindLoopVariables(PipeNode pipe, object? key, object? item)
    {
        switch (pipe.Declared)
        {
            case [var single]:
                Bind(pipe, single, item);
                break;
            case [var first, var second]:
                Bind(pipe, first, key);
                Bind(pipe, second, item);
                break;
        }
    }

    private void Bind(PipeNode pipe, VariableNode variable, object? value)
    {
        if (pipe.IsAssignment)
        {
            Assign(variable.Names[0], value);
        }
        else
        {
            _variables.Add(new Variable(variable.Names[0], value));
        }
    }

    private void Assign(string name, object? value)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
            {
                _variables[i] = new Variable(name, value);
                return;
            }
        }

        throw Error($"undefined variable: {name}");
    }

    private void CallTemplate(string name, object? data)
    {
        if (!_definitions.TryGetValue(name, out var definition))
        {
            throw Error($"template {GoStrings.Quote(name)} not defined");
        }

        if (_depth >= _options.Limits.Depth)
        {
            throw Error($"exceeded maximum template depth ({_options.Limits.Depth})");
        }

        var (variables, caller, callerName, node) = (_variables, _definition, _definitionName, _node);
        (_variables, _definition, _definitionName) = ([new Variable("$", data)], definition, name);
        _depth++;
        Walk(definition.Body, data);
        _depth--;
        (_variables, _definition, _definitionName, _node) = (variables, caller, callerName, node);
    }

    // For the function "tmpl": what a named template prints, as a value.
    private string Capture(string name, object? data)
    {
        var outer = _output;
        _output = new StringBuilder();
        CallTemplate(name, data);
        var text = _output.ToString();
        _output = outer;
        return text;
    }

    private void WriteValue(object? value)
    {
        switch (value)
        {
            case null:
                Write(_options.Html ? "" : "<no value>");
                break;
            case TemplateFunction:
                throw Error($"can't print {_node} of type func");
            case SafeHtml html:
                Write(html.Value);
                break;
            default:
                var text = GoValue.Print(value);
                Write(_options.Html ? WebUtility.HtmlEncode(text) : text);
                break;
        }
    }

    private void Write(string text)
    {
        if (_output.Length + text.Length > _options.Limits.OutputChars)
        {
            throw Error($"the output is longer than {_options.Limits.OutputChars} characters");
        }

        _output.Append(text);
    }

    private void Step()
    {
        if (++_steps > _options.Limits.Steps)
        {
            throw Error($"gave up after {_options.Limits.Steps} steps; does a loop not end?");
        }
    }

    private void At(Node node) => _node = node;

    private TemplateException Error(string message, Exception? cause = null) =>
        _definition.Source.ExecutionError(_definitionName, _node, message, cause);

    private readonly record struct Variable(string Name, object? Value);
}
