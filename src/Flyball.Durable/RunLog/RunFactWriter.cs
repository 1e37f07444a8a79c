using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using F = Flyball.Durable.RunLog.RunFactFields;

namespace Flyball.Durable.RunLog;

/// <summary>Writes facts into one record; layout: <see cref="RunFactFields"/>. Reused; not thread-safe.</summary>
internal sealed class RunFactWriter
{
    private readonly WireWriter _wire = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly List<RunKey> _runs = [];
    private byte[] _utf8 = new byte[256];
    private ulong _time;

    /// <summary>Bytes written so far, texts not counted.</summary>
    public int Length => _wire.Written.Length;

    /// <summary>Empties the writer.</summary>
    public void Clear()
    {
        _wire.Clear();
        _numbers.Clear();
        _texts.Clear();
        _runs.Clear();
    }

    /// <summary>Adds a fact.</summary>
    public void Add(RunFact fact)
    {
        _time = fact.SourceTime.Value;
        var begun = _wire.Begin(F.Fact);
        _wire.Varint(F.RunNumber, (ulong)NumberOf(fact.Run));
        _wire.Fixed64(F.SourceTime, _time);
        Time(F.ReceivedAt, fact.ReceivedAt);
        if (fact.TraceId is { } trace)
        {
            Span<byte> id = stackalloc byte[16];
            trace.Write(id);
            _wire.BytesAlways(F.TraceId, id);
        }

        Span(F.SentSpan, fact.SentSpanId?.Value);
        Life(F.Life, fact.Life);
        Word(F.Pipeline, fact.Pipeline);
        Word(F.Number, fact.Number);
        Word(F.Url, fact.Url);
        Vcs(fact.Vcs);
        Word(F.Actor, fact.Actor);
        Word(F.Trigger, fact.Trigger);
        Word(F.Environment, fact.Environment);
        Run(F.Parent, fact.Parent);
        foreach (var link in fact.Links ?? [])
        {
            Run(F.Link, link);
        }

        Attributes(F.Attribute, fact.Attributes);
        for (var i = 0; i < fact.Tasks.Count; i++)
        {
            Task(fact.Tasks[i]);
        }

        _wire.End(begun);
    }

    /// <summary>Adds what the facts point to; the record is whole then and lives until the next call.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        foreach (var run in _runs)
        {
            Run(F.Run, run);
        }

        foreach (var text in _texts)
        {
            if (_utf8.Length < Encoding.UTF8.GetMaxByteCount(text.Length))
            {
                _utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
            }

            _wire.BytesAlways(F.Text, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)));
        }

        return _wire.Written;
    }

    private void Task(TaskFact task)
    {
        var begun = _wire.Begin(F.Task);
        Word(F.TaskId, task.Key.Id);
        _wire.Varint(F.TaskKeyAttempt, (ulong)(long)task.Key.Attempt);
        _wire.Varint(F.StandIn, task.IsStandIn ? 1UL : 0);
        Word(F.AlsoKnownAs, task.AlsoKnownAs);
        Time(F.TaskTime, task.SourceTime);
        Span(F.TaskSentSpan, task.SentSpanId?.Value);
        Life(F.TaskLife, task.Life);
        Word(F.TaskName, task.Name);
        Word(F.TaskType, task.Type);
        Word(F.Stage, task.Stage);
        if (task.Attempt is { } attempt)
        {
            _wire.VarintAlways(F.TaskAttempt, (ulong)(long)attempt);
        }

        if (task.SoftFail is { } soft)
        {
            _wire.VarintAlways(F.SoftFail, soft ? 1UL : 0);
        }

        Word(F.Worker, task.Worker);
        Word(F.TaskUrl, task.Url);
        Word(F.LogTail, task.LogTail);
        Attributes(F.TaskAttribute, task.Attributes);
        for (var i = 0; i < task.Steps.Count; i++)
        {
            Step(task.Steps[i]);
        }

        _wire.End(begun);
    }

    private void Step(StepFact step)
    {
        var begun = _wire.Begin(F.Step);
        Word(F.StepId, step.Id);
        Word(F.StepName, step.Name);
        Life(F.StepLife, step.Life);
        Span(F.StepSentSpan, step.SentSpanId?.Value);
        _wire.End(begun);
    }

    private void Life(int field, LifeFact? life)
    {
        if (life is null)
        {
            return;
        }

        var begun = _wire.Begin(field);
        _wire.Varint(F.State, life.State is { } state ? (ulong)state + 1 : 0);
        _wire.Varint(F.Result, life.Result is { } result ? (ulong)result + 1 : 0);
        Word(F.ErrorType, life.ErrorType);
        Word(F.Message, life.Message);
        if (life.ExitCode is { } code)
        {
            _wire.VarintAlways(F.ExitCode, ZigZag(code));
        }

        Time(F.Created, life.CreatedAt);
        Time(F.Started, life.StartedAt);
        Time(F.Finalizing, life.FinalizingAt);
        Time(F.Finished, life.FinishedAt);
        Time(F.Cycle, life.Cycle.Value == 0 ? null : life.Cycle);
        _wire.End(begun);
    }

    private void Vcs(VcsFacts? vcs)
    {
        if (vcs is null || vcs == VcsFacts.None)
        {
            return;
        }

        var begun = _wire.Begin(F.Vcs);
        for (var field = 1; field <= VcsFacts.WordCount; field++)
        {
            Word(field, vcs.Word(field));
        }

        _wire.End(begun);
    }

    private void Attributes(int field, IReadOnlyDictionary<string, string>? attributes)
    {
        if (attributes is null)
        {
            return;
        }

        foreach (var (key, value) in attributes)
        {
            var begun = _wire.Begin(field);
            Word(F.Key, key);
            Word(F.Value, value);
            _wire.End(begun);
        }
    }

    private void Run(int field, RunKey? run)
    {
        if (run is null)
        {
            return;
        }

        var begun = _wire.Begin(field);
        Word(F.System, run.System);
        Word(F.Instance, run.Instance);
        Word(F.RunId, run.Run);
        _wire.Varint(F.RunAttempt, (ulong)(long)run.Attempt);
        _wire.End(begun);
    }

    private int NumberOf(RunKey run)
    {
        // Facts of a run mostly follow one another; a run that is named twice costs a few bytes.
        if (_runs.Count == 0 || _runs[^1] != run)
        {
            _runs.Add(run);
        }

        return _runs.Count - 1;
    }

    private void Word(int field, string? text)
    {
        if (text is null)
        {
            return;
        }

        if (!_numbers.TryGetValue(text, out var number))
        {
            _texts.Add(text);
            _numbers[text] = number = _texts.Count;
        }

        _wire.Varint(field, (ulong)number);
    }

    private void Span(int field, ulong? id)
    {
        if (id is { } value)
        {
            _wire.Fixed64Always(field, value);
        }
    }

    private void Time(int field, TimestampNs? time)
    {
        if (time is { } said)
        {
            _wire.VarintAlways(field, ZigZag((long)(said.Value - _time)));
        }
    }

    private static ulong ZigZag(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);
}
