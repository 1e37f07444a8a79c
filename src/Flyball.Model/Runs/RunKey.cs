using System.Diagnostics;
using System.Globalization;
using Flyball.Model.Spans;

namespace Flyball.Model.Runs;

/// <summary>What names a run of a pipeline, whatever system ran it.</summary>
/// <param name="System">The CI system: <c>tekton</c>, <c>buildkite</c>, <c>github</c>, <c>gitlab</c>, <c>jenkins</c>, <c>step</c>, …</param>
/// <param name="Instance">Which installation of it; empty where run ids are unique everywhere.</param>
/// <param name="Run">The system's own id of the run.</param>
/// <param name="Attempt">Attempt of the whole run, from 1; only systems that keep the id over re-runs go beyond 1.</param>
public sealed record RunKey(string System, string Instance, string Run, int Attempt = 1)
{
    /// <summary>The id of the trace the run is, by <see cref="RunIds"/>.</summary>
    public TraceId DeriveTraceId() =>
        TraceId.TryParse(RunIds.TraceId(System, Instance, Run, Attempt), out var id)
            ? id
            : throw new UnreachableException("a derived trace id is always hex");

    /// <summary>The id of one of the spans of a trace, by <see cref="RunIds"/>.</summary>
    public static SpanId DeriveSpanId(TraceId trace, string kind, params string[] parts) =>
        SpanId.TryParse(RunIds.SpanId(trace.ToString(), kind, parts), out var id)
            ? id
            : throw new UnreachableException("a derived span id is always hex");

    /// <summary>As people read it: <c>github:github.com/7700001#2</c>.</summary>
    public override string ToString() =>
        $"{System}:{(Instance.Length == 0 ? "" : Instance + "/")}{Run}#{Attempt.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>What names an attempt of a task inside its run.</summary>
/// <param name="Id">The system's own id of the task (job).</param>
/// <param name="Attempt">Retry within the run, from 0; systems that give each retry its own id stay at 0.</param>
public readonly record struct TaskKey(string Id, int Attempt = 0);
