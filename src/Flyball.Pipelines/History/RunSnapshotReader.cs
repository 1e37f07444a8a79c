using System.Text;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using F = Flyball.Pipelines.History.RunSnapshotFields;

namespace Flyball.Pipelines.History;

/// <summary>Reads one whole run; layout: <see cref="RunSnapshotFields"/>.</summary>
internal ref struct RunSnapshotReader
{
    private readonly ulong _time;

    private RunSnapshotReader(ulong time) => _time = time;

    /// <summary>Reads a run, also as pages of version 1 hold it.</summary>
    /// <exception cref="WireFormatException">The bytes are none.</exception>
    /// <exception cref="JsonException">The bytes are none of version 1.</exception>
    public static PipelineRun Read(ReadOnlySpan<byte> message)
    {
        if (message is [(byte)'{', ..])
        {
            return JsonSerializer.Deserialize(message, RunSnapshotJson.Default.PipelineRun)!;
        }

        ulong time = 0;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            if ((field, type) == (F.FirstHeard, WireType.Fixed64))
            {
                time = wire.ReadFixed64();
            }
            else
            {
                wire.Skip(type);
            }
        }

        return new RunSnapshotReader(time).ReadRun(message);
    }

    private readonly PipelineRun ReadRun(ReadOnlySpan<byte> message)
    {
        RunKey key = new("", "", "", 0);
        RunKey? parent = null;
        TraceId trace = default;
        SpanId span = default;
        string pipeline = "", number = "", errorType = "", text = "", url = "", actor = "", trigger = "", environment = "";
        bool sent = false;
        ulong state = 0, result = 0;
        TimestampNs? created = null, started = null, finalizing = null, finished = null, known = null;
        TimestampNs cycle = default;
        var vcs = VcsFacts.None;
        List<RunKey>? links = null;
        List<TaskRun>? tasks = null;
        Dictionary<string, string>? attributes = null;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.Key, WireType.Bytes): key = ReadKey(wire.ReadBytes()); break;
                case (F.TraceId, WireType.Bytes): trace = ReadTrace(wire.ReadBytes()); break;
                case (F.Span, WireType.Fixed64): span = new SpanId(wire.ReadFixed64()); break;
                case (F.SpanIsSent, WireType.Varint): sent = wire.ReadVarint() != 0; break;
                case (F.Pipeline, WireType.Bytes): pipeline = Text(ref wire); break;
                case (F.Number, WireType.Bytes): number = Text(ref wire); break;
                case (F.State, WireType.Varint): state = wire.ReadVarint(); break;
                case (F.Result, WireType.Varint): result = wire.ReadVarint(); break;
                case (F.ErrorType, WireType.Bytes): errorType = Text(ref wire); break;
                case (F.Message, WireType.Bytes): text = Text(ref wire); break;
                case (F.Url, WireType.Bytes): url = Text(ref wire); break;
                case (F.Created, WireType.Varint): created = Time(ref wire); break;
                case (F.Started, WireType.Varint): started = Time(ref wire); break;
                case (F.Finalizing, WireType.Varint): finalizing = Time(ref wire); break;
                case (F.Finished, WireType.Varint): finished = Time(ref wire); break;
                case (F.EndKnown, WireType.Varint): known = Time(ref wire); break;
                case (F.Cycle, WireType.Varint): cycle = Time(ref wire); break;
                case (F.Vcs, WireType.Bytes): vcs = ReadVcs(wire.ReadBytes()); break;
                case (F.Actor, WireType.Bytes): actor = Text(ref wire); break;
                case (F.Trigger, WireType.Bytes): trigger = Text(ref wire); break;
                case (F.Environment, WireType.Bytes): environment = Text(ref wire); break;
                case (F.Parent, WireType.Bytes): parent = ReadKey(wire.ReadBytes()); break;
                case (F.Link, WireType.Bytes): (links ??= []).Add(ReadKey(wire.ReadBytes())); break;
                case (F.Task, WireType.Bytes): (tasks ??= []).Add(ReadTask(wire.ReadBytes())); break;
                case (F.Attribute, WireType.Bytes): ReadAttribute(wire.ReadBytes(), attributes ??= NewAttributes()); break;
                default: wire.Skip(type); break;
            }
        }

        return new PipelineRun
        {
            Key = key,
            TraceId = trace,
            SpanId = span,
            SpanIsSent = sent,
            Pipeline = pipeline,
            Number = number,
            State = (RunState)state,
            Result = Result(result),
            ErrorType = errorType,
            Message = text,
            Url = url,
            CreatedAt = created,
            StartedAt = started,
            FinalizingAt = finalizing,
            FinishedAt = finished,
            EndKnownAt = known,
            Cycle = cycle,
            FirstHeardAt = new TimestampNs(_time),
            Vcs = vcs,
            Actor = actor,
            Trigger = trigger,
            Environment = environment,
            Parent = parent,
            Links = links ?? [],
            Tasks = tasks ?? [],
            Attributes = attributes ?? PipelineRun.EmptyAttributes,
        };
    }

    private readonly TaskRun ReadTask(ReadOnlySpan<byte> message)
    {
        string id = "", name = "", worker = "", kind = "", stage = "", errorType = "", text = "", url = "", logTail = "";
        SpanId span = default;
        bool sent = false, soft = false;
        ulong keyAttempt = 0, attempt = 0, state = 0, result = 0;
        TimestampNs cycle = default;
        int? exitCode = null;
        TimestampNs? created = null, started = null, finished = null, known = null;
        List<StepRun>? steps = null;
        Dictionary<string, string>? attributes = null;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.TaskId, WireType.Bytes): id = Text(ref wire); break;
                case (F.TaskKeyAttempt, WireType.Varint): keyAttempt = wire.ReadVarint(); break;
                case (F.TaskSpan, WireType.Fixed64): span = new SpanId(wire.ReadFixed64()); break;
                case (F.TaskSpanIsSent, WireType.Varint): sent = wire.ReadVarint() != 0; break;
                case (F.TaskName, WireType.Bytes): name = Text(ref wire); break;
                case (F.TaskStarted, WireType.Varint): started = Time(ref wire); break;
                case (F.TaskFinished, WireType.Varint): finished = Time(ref wire); break;
                case (F.TaskEndKnown, WireType.Varint): known = Time(ref wire); break;
                case (F.TaskCreated, WireType.Varint): created = Time(ref wire); break;
                case (F.TaskState, WireType.Varint): state = wire.ReadVarint(); break;
                case (F.TaskResult, WireType.Varint): result = wire.ReadVarint(); break;
                case (F.TaskAttempt, WireType.Varint): attempt = wire.ReadVarint(); break;
                case (F.Worker, WireType.Bytes): worker = Text(ref wire); break;
                case (F.TaskType, WireType.Bytes): kind = Text(ref wire); break;
                case (F.Stage, WireType.Bytes): stage = Text(ref wire); break;
                case (F.SoftFail, WireType.Varint): soft = wire.ReadVarint() != 0; break;
                case (F.TaskErrorType, WireType.Bytes): errorType = Text(ref wire); break;
                case (F.TaskMessage, WireType.Bytes): text = Text(ref wire); break;
                case (F.TaskExitCode, WireType.Varint): exitCode = (int)wire.ReadZigZag(); break;
                case (F.TaskUrl, WireType.Bytes): url = Text(ref wire); break;
                case (F.LogTail, WireType.Bytes): logTail = Text(ref wire); break;
                case (F.Step, WireType.Bytes): (steps ??= []).Add(ReadStep(wire.ReadBytes())); break;
                case (F.TaskCycle, WireType.Varint): cycle = Time(ref wire); break;
                case (F.TaskAttribute, WireType.Bytes): ReadAttribute(wire.ReadBytes(), attributes ??= NewAttributes()); break;
                default: wire.Skip(type); break;
            }
        }

        return new TaskRun
        {
            Key = new TaskKey(id, (int)(long)keyAttempt),
            SpanId = span,
            SpanIsSent = sent,
            Name = name,
            Type = kind,
            Stage = stage,
            Attempt = (int)(long)attempt,
            State = (RunState)state,
            Result = Result(result),
            SoftFail = soft,
            ErrorType = errorType,
            Message = text,
            ExitCode = exitCode,
            CreatedAt = created,
            StartedAt = started,
            FinishedAt = finished,
            EndKnownAt = known,
            Cycle = cycle,
            Worker = worker,
            Url = url,
            LogTail = logTail,
            Steps = steps ?? [],
            Attributes = attributes ?? PipelineRun.EmptyAttributes,
        };
    }

    private readonly StepRun ReadStep(ReadOnlySpan<byte> message)
    {
        string id = "", name = "", errorType = "";
        SpanId span = default;
        var sent = false;
        ulong state = 0, result = 0;
        int? exitCode = null;
        TimestampNs? started = null, finished = null;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.StepId, WireType.Bytes): id = Text(ref wire); break;
                case (F.StepSpan, WireType.Fixed64): span = new SpanId(wire.ReadFixed64()); break;
                case (F.StepSpanIsSent, WireType.Varint): sent = wire.ReadVarint() != 0; break;
                case (F.StepName, WireType.Bytes): name = Text(ref wire); break;
                case (F.StepState, WireType.Varint): state = wire.ReadVarint(); break;
                case (F.StepResult, WireType.Varint): result = wire.ReadVarint(); break;
                case (F.StepErrorType, WireType.Bytes): errorType = Text(ref wire); break;
                case (F.StepExitCode, WireType.Varint): exitCode = (int)wire.ReadZigZag(); break;
                case (F.StepStarted, WireType.Varint): started = Time(ref wire); break;
                case (F.StepFinished, WireType.Varint): finished = Time(ref wire); break;
                default: wire.Skip(type); break;
            }
        }

        return new StepRun
        {
            Id = id,
            SpanId = span,
            SpanIsSent = sent,
            Name = name,
            State = (RunState)state,
            Result = Result(result),
            ErrorType = errorType,
            ExitCode = exitCode,
            StartedAt = started,
            FinishedAt = finished,
        };
    }

    private static RunKey ReadKey(ReadOnlySpan<byte> message)
    {
        string system = "", instance = "", run = "";
        ulong attempt = 0;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.System, WireType.Bytes): system = Text(ref wire); break;
                case (F.Instance, WireType.Bytes): instance = Text(ref wire); break;
                case (F.RunId, WireType.Bytes): run = Text(ref wire); break;
                case (F.RunAttempt, WireType.Varint): attempt = wire.ReadVarint(); break;
                default: wire.Skip(type); break;
            }
        }

        return new RunKey(system, instance, run, (int)(long)attempt);
    }

    private static VcsFacts ReadVcs(ReadOnlySpan<byte> message)
    {
        var words = new string?[VcsFacts.WordCount];
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            if (field >= 1 && field <= words.Length && type == WireType.Bytes)
            {
                words[field - 1] = Text(ref wire);
            }
            else
            {
                wire.Skip(type);
            }
        }

        return VcsFacts.OfWords(words);
    }

    private static void ReadAttribute(ReadOnlySpan<byte> message, Dictionary<string, string> to)
    {
        string key = "", value = "";
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.AttributeKey, WireType.Bytes): key = Text(ref wire); break;
                case (F.AttributeValue, WireType.Bytes): value = Text(ref wire); break;
                default: wire.Skip(type); break;
            }
        }

        to[key] = value;
    }

    private static TraceId ReadTrace(ReadOnlySpan<byte> id) =>
        id.Length == TraceId.Size ? TraceId.Read(id) : throw new WireFormatException($"a trace id of {id.Length} bytes", 0);

    private static Dictionary<string, string> NewAttributes() => new(StringComparer.Ordinal);

    private static RunResult? Result(ulong stored) => stored == 0 ? null : (RunResult)(stored - 1);

    private static string Text(ref WireReader wire) => Encoding.UTF8.GetString(wire.ReadBytes());

    private readonly TimestampNs Time(ref WireReader wire) => new(_time + (ulong)wire.ReadZigZag());
}
