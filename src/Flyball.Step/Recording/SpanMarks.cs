using System.Globalization;
using System.Text;
using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Sending;
using Flyball.Step.Tail;

namespace Flyball.Step.Recording;

/// <summary><c>span begin</c> and <c>span end</c>: a span around commands of one shell, such as a function's.</summary>
/// <remarks>
/// What has begun is kept in the shell's own variable, innermost first, so nothing is left behind by a script that dies:
/// <code>FLYBALL_SPANS=compile|1789000000000000000|task|TRACEPARENT=00-…|-FLYBALL_TASK_ID outer|…      name | begin | role | variables as they were</code>
/// </remarks>
internal sealed class SpanMarks(RecordOptions options, IReadOnlyDictionary<string, string> variables, SecretMask mask, TimeProvider time)
{
    private const string StackVariable = "FLYBALL_SPANS";
    private const char AttributePrefix = '+';
    private const char UnsetPrefix = '-';

    /// <summary>Begins one and prints what the shell is to evaluate.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Begin()
    {
        if (options.Words is not [var name] || name.Length == 0)
        {
            return "span begin takes a name, e.g. eval \"$(flyball-step span begin compile)\"";
        }

        var around = new Surroundings(Recorder.ForStep(options), variables);
        var who = StepIdentity.Decide(Options(name, []), around.Run, around.Variables, around.Outer, name, RandomIds.Next);
        var inside = who.VariablesForChild(Recorder.ForStep(options));
        inside[NotesFile.Variable] = NotesFile.NewPath(around.Variables, RandomIds.Next);
        var entry = new StringBuilder(Uri.EscapeDataString(name)).Append('|').Append(Now()).Append('|').Append(who.Role is StepRole.Alone ? "alone" : "inside");
        foreach (var variable in inside.Keys)
        {
            entry.Append('|').Append(variables.TryGetValue(variable, out var before)
                ? Uri.EscapeDataString($"{variable}={before}")
                : $"{UnsetPrefix}{variable}");
        }

        foreach (var (key, value) in options.Pairs)
        {
            entry.Append('|').Append(AttributePrefix).Append(Uri.EscapeDataString($"{key}={value}"));
        }

        inside[StackVariable] = around.Variables[StackVariable] is { Length: > 0 } outer ? $"{entry} {outer}" : entry.ToString();
        StandardError.Write(string.Concat(inside.Select(v => ShellText.Export(v.Key, v.Value))), toOutput: true);
        return null;
    }

    /// <summary>Ends the innermost, and prints what the shell is to evaluate.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? End()
    {
        var code = 0;
        if (options.Words.Count > 1
            || (options.Words.Count == 1 && (!int.TryParse(options.Words[0], NumberStyles.None, CultureInfo.InvariantCulture, out code) || code > 255)))
        {
            return $"span end takes an exit code from 0 to 255, not \"{string.Join(' ', options.Words)}\"; e.g. eval \"$(flyball-step span end $?)\"";
        }

        var stack = variables.GetValueOrDefault(StackVariable, "");
        if (stack.Length == 0)
        {
            return "no span has begun in this shell; begin one by eval \"$(flyball-step span begin NAME)\"";
        }

        var space = stack.IndexOf(' ', StringComparison.Ordinal);
        var fields = (space < 0 ? stack : stack[..space]).Split('|');
        if (fields.Length < 3 || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var began)
            || SpanContext.Parse(variables.GetValueOrDefault("TRACEPARENT"), variables.GetValueOrDefault("TRACESTATE")) is not { } context)
        {
            return $"{StackVariable} or TRACEPARENT is not what span begin set; leave both alone between begin and end";
        }

        var before = ReadBefore(fields, out var attributes);
        Send(Uri.UnescapeDataString(fields[0]), began, code, fields[2] is "alone", context, Restored(before), attributes);
        before[StackVariable] = space < 0 ? null : stack[(space + 1)..];
        StandardError.Write(string.Concat(before.Select(v => ShellText.Restore(v.Key, v.Value))), toOutput: true);
        return null;
    }

    private void Send(
        string name, long began, int code, bool isAlone, SpanContext context, Dictionary<string, string> outside, IReadOnlyList<(string, string)> attributes)
    {
        var around = new Surroundings(Recorder.ForStep(options), outside);
        var run = isAlone ? around.Run with { RunId = variables.GetValueOrDefault("FLYBALL_RUN_ID", "") } : around.Run;
        var step = Options(name, attributes);
        var who = StepIdentity.Decide(step, run, around.Variables, around.Outer, name, RandomIds.Next) with { Context = context };
        who = isAlone ? who with { Role = StepRole.Alone } : who;
        var facts = RunFacts.Complete(who.Run, Environment.CurrentDirectory, "");
        var outcome = new StepOutcome(began, Math.Max(began, Now()), code, 0, 0, 0, "", 0);
        var notes = new NotesFile(variables.GetValueOrDefault(NotesFile.Variable, "")).Take();
        if (!isAlone && outside.TryGetValue(NotesFile.Variable, out var outer)
            && new NotesFile(outer).TryAppend("span", "", StepReport.Span(who, step, outcome, facts, mask, notes)))
        {
            HandOn(notes, new NotesFile(outer));
            return;
        }

        var delivery = around.NewDelivery();
        delivery?.Send(StepReport.Spans(who, step, outcome, facts, mask, notes), Now());
        if (notes?.Metrics.Count > 0)
        {
            delivery?.SendMetrics(Otlp.Metrics(who.Pipeline, notes.Metrics), Now());
        }
    }

    private static void HandOn(Notes? notes, NotesFile outer)
    {
        foreach (var span in notes?.Spans ?? [])
        {
            outer.TryAppend("span", "", span);
        }

        foreach (var metric in notes?.Metrics ?? [])
        {
            outer.TryAppend("metric", "", metric);
        }
    }

    private static Dictionary<string, string?> ReadBefore(string[] fields, out List<(string, string)> attributes)
    {
        var before = new Dictionary<string, string?>(StringComparer.Ordinal);
        attributes = [];
        foreach (var field in fields.AsSpan(3))
        {
            if (field.StartsWith(UnsetPrefix))
            {
                before[field[1..]] = null;
                continue;
            }

            var isAttribute = field.StartsWith(AttributePrefix);
            var text = Uri.UnescapeDataString(isAttribute ? field[1..] : field);
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && isAttribute)
            {
                attributes.Add((text[..equals], text[(equals + 1)..]));
            }
            else if (equals > 0)
            {
                before[text[..equals]] = text[(equals + 1)..];
            }
        }

        return before;
    }

    private Dictionary<string, string> Restored(Dictionary<string, string?> before)
    {
        var outside = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        foreach (var (name, value) in before)
        {
            outside.Remove(name);
            if (value is not null)
            {
                outside[name] = value;
            }
        }

        return outside;
    }

    private StepOptions Options(string name, IReadOnlyList<(string, string)> attributes) =>
        Recorder.ForStep(options) with { Name = name, Attributes = attributes };

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
