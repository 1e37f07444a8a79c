using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using F = Flyball.Pipelines.History.RunSnapshotFields;

namespace Flyball.Pipelines.History;

/// <summary>Writes whole runs; layout: <see cref="RunSnapshotFields"/>. Not thread-safe.</summary>
internal sealed class RunSnapshotWriter
{
    private readonly WireWriter _wire = new();
    private ulong _time;

    /// <summary>The runs written since the last <see cref="Clear"/>, one after the other.</summary>
    public ReadOnlySpan<byte> Written => _wire.Written;

    public void Clear() => _wire.Clear();

    public void Add(PipelineRun run)
    {
        _time = run.FirstHeardAt.Value;
        Key(F.Key, run.Key);
        Span<byte> trace = stackalloc byte[16];
        run.TraceId.Write(trace);
        _wire.Bytes(F.TraceId, trace);
        _wire.Fixed64(F.Span, run.SpanId.Value);
        _wire.Varint(F.SpanIsSent, run.SpanIsSent ? 1UL : 0);
        _wire.Text(F.Pipeline, run.Pipeline);
        _wire.Text(F.Number, run.Number);
        _wire.Varint(F.State, (ulong)run.State);
        Result(F.Result, run.Result);
        _wire.Text(F.ErrorType, run.ErrorType);
        _wire.Text(F.Message, run.Message);
        _wire.Text(F.Url, run.Url);
        _wire.Fixed64(F.FirstHeard, _time);
        Time(F.Created, run.CreatedAt);
        Time(F.Started, run.StartedAt);
        Time(F.Finalizing, run.FinalizingAt);
        Time(F.Finished, run.FinishedAt);
        Time(F.EndKnown, run.EndKnownAt);
        Time(F.Cycle, run.Cycle.Value == 0 ? null : run.Cycle);
        Vcs(run.Vcs);
        _wire.Text(F.Actor, run.Actor);
        _wire.Text(F.Trigger, run.Trigger);
        _wire.Text(F.Environment, run.Environment);
        if (run.Parent is { } parent)
        {
            Key(F.Parent, parent);
        }

        foreach (var link in run.Links)
        {
            Key(F.Link, link);
        }

        foreach (var task in run.Tasks)
        {
            Task(task);
        }

        Attributes(F.Attribute, run.Attributes);
    }

    private void Task(TaskRun task)
    {
        var begun = _wire.Begin(F.Task);
        _wire.Text(F.TaskId, task.Key.Id);
        _wire.Varint(F.TaskKeyAttempt, (ulong)(long)task.Key.Attempt);
        _wire.Fixed64(F.TaskSpan, task.SpanId.Value);
        _wire.Varint(F.TaskSpanIsSent, task.SpanIsSent ? 1UL : 0);
        _wire.Text(F.TaskName, task.Name);
        Time(F.TaskStarted, task.StartedAt);
        Time(F.TaskFinished, task.FinishedAt);
        Time(F.TaskEndKnown, task.EndKnownAt);
        Time(F.TaskCreated, task.CreatedAt);
        _wire.Varint(F.TaskState, (ulong)task.State);
        Result(F.TaskResult, task.Result);
        _wire.Varint(F.TaskAttempt, (ulong)(long)task.Attempt);
        _wire.Text(F.Worker, task.Worker);
        _wire.Text(F.TaskType, task.Type);
        _wire.Text(F.Stage, task.Stage);
        _wire.Varint(F.SoftFail, task.SoftFail ? 1UL : 0);
        _wire.Text(F.TaskErrorType, task.ErrorType);
        _wire.Text(F.TaskMessage, task.Message);
        ExitCode(F.TaskExitCode, task.ExitCode);
        _wire.Text(F.TaskUrl, task.Url);
        _wire.Text(F.LogTail, task.LogTail);
        foreach (var step in task.Steps)
        {
            Step(step);
        }

        Attributes(F.TaskAttribute, task.Attributes);
        Time(F.TaskCycle, task.Cycle.Value == 0 ? null : task.Cycle);
        _wire.End(begun);
    }

    private void Step(StepRun step)
    {
        var begun = _wire.Begin(F.Step);
        _wire.Text(F.StepId, step.Id);
        _wire.Fixed64(F.StepSpan, step.SpanId.Value);
        _wire.Varint(F.StepSpanIsSent, step.SpanIsSent ? 1UL : 0);
        _wire.Text(F.StepName, step.Name);
        _wire.Varint(F.StepState, (ulong)step.State);
        Result(F.StepResult, step.Result);
        _wire.Text(F.StepErrorType, step.ErrorType);
        ExitCode(F.StepExitCode, step.ExitCode);
        Time(F.StepStarted, step.StartedAt);
        Time(F.StepFinished, step.FinishedAt);
        _wire.End(begun);
    }

    private void Key(int field, RunKey key)
    {
        var begun = _wire.Begin(field);
        _wire.Text(F.System, key.System);
        _wire.Text(F.Instance, key.Instance);
        _wire.Text(F.RunId, key.Run);
        _wire.Varint(F.RunAttempt, (ulong)(long)key.Attempt);
        _wire.End(begun);
    }

    // An empty word is another thing than none.
    private void Vcs(VcsFacts vcs)
    {
        if (vcs == VcsFacts.None)
        {
            return;
        }

        var begun = _wire.Begin(F.Vcs);
        for (var field = 1; field <= VcsFacts.WordCount; field++)
        {
            var word = vcs.Word(field);
            if (word is { Length: 0 })
            {
                _wire.BytesAlways(field, []);
            }

            _wire.Text(field, word ?? "");
        }

        _wire.End(begun);
    }

    private void Attributes(int field, IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var (key, value) in attributes)
        {
            var begun = _wire.Begin(field);
            _wire.Text(F.AttributeKey, key);
            _wire.Text(F.AttributeValue, value);
            _wire.End(begun);
        }
    }

    private void Result(int field, RunResult? result) => _wire.Varint(field, result is { } known ? (ulong)known + 1 : 0);

    private void ExitCode(int field, int? code)
    {
        if (code is { } known)
        {
            _wire.VarintAlways(field, ZigZag(known));
        }
    }

    private void Time(int field, TimestampNs? time)
    {
        if (time is { } known)
        {
            _wire.VarintAlways(field, ZigZag((long)(known.Value - _time)));
        }
    }

    private static ulong ZigZag(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);
}
