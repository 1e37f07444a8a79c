using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Step;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Step;

/// <summary>What flyball-step sends about a run: announcements and spans. Times are seconds after the test clock's start.</summary>
internal static class StepStory
{
    public const string Run = "run-17";

    public static readonly TraceId Trace = new RunKey("step", "", Run).DeriveTraceId();

    public static TimestampNs At(double seconds) => TimestampNs.From(TestClock.DefaultStart + TimeSpan.FromSeconds(seconds));

    public static SpanId RootSpan => RunKey.DeriveSpanId(Trace, RunIds.RunKind);

    public static SpanId TaskSpan(string task, int attempt) =>
        RunKey.DeriveSpanId(Trace, RunIds.TaskKind, task, attempt.ToString(CultureInfo.InvariantCulture));

    public static IReadOnlyList<RunFact> Started(double at, string? task = null, int attempt = 1)
    {
        var announcement = new Dictionary<string, object?>
        {
            ["event"] = "started",
            ["system"] = "step",
            ["runId"] = Run,
            ["attempt"] = 1,
            ["pipeline"] = "shop",
            ["traceId"] = Trace.ToString(),
            ["spanId"] = (task is null ? RootSpan : TaskSpan(task, attempt)).ToString(),
            ["at"] = (TestClock.DefaultStart + TimeSpan.FromSeconds(at)).UtcDateTime.ToString("o", CultureInfo.InvariantCulture),
            ["commit"] = "c0ffee",
            ["branch"] = "main",
            ["actor"] = "ada",
            ["trigger"] = "push",
        };
        if (task is not null)
        {
            announcement["task"] = task;
            announcement["taskId"] = task;
            announcement["taskAttempt"] = attempt;
        }

        var request = new HookRequest(
            new HeaderDictionary(), new QueryCollection(), JsonSerializer.SerializeToUtf8Bytes(announcement), At(at + 0.01));
        return Assert.IsType<HookVerdict.Facts>(new StepConnector(() => []).Read(request)).Of;
    }

    public static SpanBatch TaskEnded(double from, double until, string task, int attempt, string result, int exitCode)
    {
        var batch = Begin();
        AddSpan(batch, TaskSpan(task, attempt), RootSpan, task, SpanKind.Internal, from, until);
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)
        [
            ("cicd.pipeline.task.name", task), ("cicd.pipeline.task.run.id", task), ("cicd.pipeline.task.run.result", result),
            ("cicd.pipeline.task.type", "test"), ("flyball.log.tail", $"{task} says {result}"), ("cicd.worker.name", "box"),
        ])
        {
            batch.AddAttribute(AttributeOwner.Span, key, value);
        }

        batch.AddAttribute(AttributeOwner.Span, "flyball.task.attempt", attempt);
        batch.AddAttribute(AttributeOwner.Span, "process.exit.code", exitCode);
        if (result == "failure")
        {
            batch.AddAttribute(AttributeOwner.Span, "error.type", $"exit_{exitCode}");
        }

        AddRun(batch);
        return batch;
    }

    public static SpanBatch RunEnded(double from, double until, string result)
    {
        var batch = Begin();
        AddSpan(batch, RootSpan, default, "RUN shop", SpanKind.Server, from, until);
        batch.AddAttribute(AttributeOwner.Span, "cicd.pipeline.result", result);
        AddRun(batch);
        return batch;
    }

    /// <summary>A span without CI attributes below another one.</summary>
    public static void AddChild(SpanBatch batch, SpanId parent, SpanId id, string name, double from, double until) =>
        AddSpan(batch, id, parent, name, SpanKind.Internal, from, until);

    private static SpanBatch Begin()
    {
        var batch = new SpanBatch();
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", "shop");
        batch.AddScope(default, default);
        return batch;
    }

    private static void AddSpan(SpanBatch batch, SpanId id, SpanId parent, string name, SpanKind kind, double from, double until) =>
        batch.AddSpan(new SpanRow
        {
            TraceId = Trace,
            SpanId = id,
            ParentId = parent,
            Name = batch.Store(name),
            Kind = kind,
            Start = At(from),
            End = At(until),
        });

    private static void AddRun(SpanBatch batch)
    {
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)
        [
            ("cicd.pipeline.name", "shop"), ("cicd.pipeline.run.id", Run), ("flyball.system", "step"), ("vcs.ref.head.name", "main"),
            ("vcs.ref.head.revision", "c0ffee"), ("flyball.actor", "ada"), ("flyball.trigger", "push"),
        ])
        {
            batch.AddAttribute(AttributeOwner.Span, key, value);
        }

        batch.AddAttribute(AttributeOwner.Span, "flyball.attempt", 1);
    }
}
