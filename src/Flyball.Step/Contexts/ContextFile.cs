using System.Text;

namespace Flyball.Step.Contexts;

/// <summary>A trace context in a file, for steps that do not inherit each other's environment.</summary>
/// <remarks>
/// Lines <c>TRACEPARENT=…</c> and <c>TRACESTATE=…</c>, with or without <c>export</c>, as shells source them and otel-cli writes
/// them; or the bare value, as a result of a Tekton task holds it. While a step runs it holds that step's span, afterwards what the next step should be a child of.
/// </remarks>
internal sealed class ContextFile(string path)
{
    private const int MostBytes = 16 * 1024;

    /// <summary>The context in the file; null if there is no file or nothing valid in it.</summary>
    public SpanContext? Read()
    {
        string? parent = null;
        string? state = null;
        foreach (var line in ReadLines())
        {
            var text = line.Trim();
            text = text.StartsWith("export ", StringComparison.Ordinal) ? text[7..].TrimStart() : text;
            if (text.StartsWith("TRACEPARENT=", StringComparison.Ordinal))
            {
                parent = Unquoted(text[12..]);
            }
            else if (text.StartsWith("TRACESTATE=", StringComparison.Ordinal))
            {
                state = Unquoted(text[11..]);
            }
            else if (parent is null && SpanContext.Parse(text, null) is not null)
            {
                parent = text;
            }
        }

        return SpanContext.Parse(parent, state);
    }

    /// <summary>Replaces the file's content; readers see the old one or the new one.</summary>
    /// <returns>Whether it could be written; if not, the old content stands.</returns>
    public bool TryWrite(SpanContext context)
    {
        var text = new StringBuilder("export TRACEPARENT=").Append(context.ToTraceParent()).Append('\n');
        if (context.TraceState.Length > 0)
        {
            text.Append("export TRACESTATE='").Append(context.TraceState.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        }

        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(temporary, text.ToString());
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string[] ReadLines()
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MostBytes } ? File.ReadAllLines(path) : [];
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Unquoted(string text)
    {
        text = text.Trim();
        return text.Length >= 2 && text[0] == text[^1] && text[0] is '"' or '\'' ? text[1..^1] : text;
    }
}
