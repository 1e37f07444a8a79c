using Flyball.Step.Contexts;

namespace Flyball.Step.Recording;

/// <summary>The trace context as text, for those who hand it on: shells, dotenv files, results of Tekton tasks.</summary>
internal static class ContextText
{
    /// <summary>Writes it where it is asked for.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? Write(RecordOptions options, Surroundings around)
    {
        if (options.Words.Count > 0)
        {
            return $"context takes no \"{options.Words[0]}\"; write to a file by --to FILE";
        }

        if (around.Around is not { } context)
        {
            StandardError.Say("there is no run here, so no context; wrap the script in flyball-step, or set TRACEPARENT");
        }
        else if (options.To is not { } file)
        {
            StandardError.Write(Of(context, options.Format), toOutput: true);
        }
        else
        {
            try
            {
                File.WriteAllText(file, Of(context, options.Format));
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                StandardError.Say($"could not write the context to {file}: {problem.Message}");
            }
        }

        return null;
    }

    /// <summary>The text; a bare one has no line end, for it is a value.</summary>
    public static string Of(SpanContext context, string format)
    {
        var parent = context.ToTraceParent();
        return format switch
        {
            "bare" => parent,
            "dotenv" => $"TRACEPARENT={parent}\n" + (context.TraceState.Length > 0 ? $"TRACESTATE={context.TraceState}\n" : ""),
            _ => ShellText.Export("TRACEPARENT", parent) + (context.TraceState.Length > 0 ? ShellText.Export("TRACESTATE", context.TraceState) : ""),
        };
    }
}

/// <summary>Lines for <c>eval</c>.</summary>
internal static class ShellText
{
    /// <summary>Sets a variable, whatever its value holds.</summary>
    public static string Export(string name, string value) => $"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'\n";

    /// <summary>Sets it, or takes it away for null.</summary>
    public static string Restore(string name, string? value) => value is null ? $"unset {name}\n" : Export(name, value);
}
