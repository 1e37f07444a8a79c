using System.Globalization;
using System.Text;

namespace Flyball.Model.Runs;

/// <summary>Trace and span ids of a pipeline run, computed from what its first event and its own jobs both know.</summary>
/// <remarks>
/// <code>
/// trace id = SHA-256( "flyball-run-v1"  \n system \n instance \n run \n attempt )            first 16 bytes
/// span id  = SHA-256( "flyball-span-v1" \n trace id as hex \n kind { \n part }* )            first 8 bytes
/// </code>
/// All zero is no valid id in W3C Trace Context, so then the last byte becomes 1. The formula is public and for ever: a step
/// that knows nothing but its environment variables joins the trace a webhook opened. This file depends on nothing, because the
/// step wrapper compiles it into its own small program.
/// </remarks>
public static class RunIds
{
    /// <summary>Kind of the root span.</summary>
    public const string RunKind = "run";

    /// <summary>Kind of a task (job) attempt.</summary>
    public const string TaskKind = "task";

    /// <summary>Kind of the wait before a run or a task starts.</summary>
    public const string QueueKind = "queue";

    /// <summary>Kind of a step inside a task.</summary>
    public const string StepKind = "step";

    /// <summary>Kind of a group of tasks.</summary>
    public const string StageKind = "stage";

    /// <summary>The trace id of a run.</summary>
    /// <param name="system">The CI system, e.g. <c>github</c>.</param>
    /// <param name="instance">Which installation of it, e.g. a host name; empty where run ids are unique everywhere.</param>
    /// <param name="run">The system's own id of the run.</param>
    /// <param name="attempt">Attempt of the whole run, from 1.</param>
    /// <returns>32 lower-case hex digits.</returns>
    public static string TraceId(string system, string instance, string run, int attempt)
    {
        var number = attempt.ToString(CultureInfo.InvariantCulture);
        return FirstBytesAsHex($"flyball-run-v1\n{system}\n{instance}\n{run}\n{number}", 16);
    }

    /// <summary>The id of a span of a run.</summary>
    /// <param name="traceId">The run's trace id, 32 lower-case hex digits.</param>
    /// <param name="kind">One of the kinds above.</param>
    /// <param name="parts">What tells it from its siblings; nothing for the run itself.</param>
    /// <returns>16 lower-case hex digits.</returns>
    public static string SpanId(string traceId, string kind, params string[] parts)
    {
        var text = new StringBuilder("flyball-span-v1\n").Append(traceId).Append('\n').Append(kind);
        foreach (var part in parts)
        {
            text.Append('\n').Append(part);
        }

        return FirstBytesAsHex(text.ToString(), 8);
    }

    private static string FirstBytesAsHex(string text, int count)
    {
        var id = RunHash.Compute(Encoding.UTF8.GetBytes(text)).AsSpan(0, count);
        if (id.IndexOfAnyExcept((byte)0) < 0)
        {
            id[^1] = 1;
        }

        return Convert.ToHexString(id).ToLowerInvariant();
    }
}
