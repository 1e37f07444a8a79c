using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using F = Flyball.Durable.RunLog.RunFactFields;

namespace Flyball.Durable.RunLog;

/// <summary>Reads the facts of one record; layout: <see cref="RunFactFields"/>.</summary>
internal sealed class RunFactReader
{
    private readonly List<string> _texts = [];
    private readonly List<RunKey> _runs = [];
    private ulong _time;

    /// <summary>The facts of a record, in order.</summary>
    /// <exception cref="WireFormatException">It is none, or points to what it does not hold.</exception>
    public static List<RunFact> Read(ReadOnlySpan<byte> record)
    {
        var reader = new RunFactReader();
        reader.ReadTables(record);
        var facts = new List<RunFact>();
        var wire = new WireReader(record);
        while (wire.TryReadField(out var field, out var type))
        {
            if ((field, type) == (F.Fact, WireType.Bytes))
            {
                facts.Add(reader.ReadFact(wire.ReadBytes()));
            }
            else
            {
                wire.Skip(type);
            }
        }

        return facts;
    }

    /// <summary>Which runs the facts of a record are about.</summary>
    /// <exception cref="WireFormatException">It is no record.</exception>
    public static IReadOnlyList<RunKey> RunsOf(ReadOnlySpan<byte> record)
    {
        var reader = new RunFactReader();
        reader.ReadTables(record);
        return reader._runs;
    }

    // Texts and runs stand behind the facts, where the writer knew them.
    private void ReadTables(ReadOnlySpan<byte> record)
    {
        var wire = new WireReader(record);
        while (wire.TryReadField(out var field, out var type))
        {
            if ((field, type) == (F.Text, WireType.Bytes))
            {
                _texts.Add(Encoding.UTF8.GetString(wire.ReadBytes()));
            }
            else
            {
                wire.Skip(type);
            }
        }

        wire = new WireReader(record);
        while (wire.TryReadField(out var field, out var type))
        {
            if ((field, type) == (F.Run, WireType.Bytes))
            {
                _runs.Add(ReadRun(wire.ReadBytes()));
            }
            else
            {
                wire.Skip(type);
            }
        }
    }

    private RunFact ReadFact(ReadOnlySpan<byte> message)
    {
        ulong run = 0;
        ReadHead(message, ref run);
        if (run >= (ulong)_runs.Count)
        {
            throw new WireFormatException("a fact is about a run that is not named", 0);
        }

        var fact = new RunFact { Run = _runs[(int)run], SourceTime = new TimestampNs(_time), ReceivedAt = default };
        var parts = new FactParts();
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            fact = (field, type) switch
            {
                (F.ReceivedAt, WireType.Varint) => fact with { ReceivedAt = Time(ref wire) },
                (F.TraceId, WireType.Bytes) => fact with { TraceId = TraceId.Read(Sized(wire.ReadBytes(), TraceId.Size)) },
                (F.SentSpan, WireType.Fixed64) => fact with { SentSpanId = new SpanId(wire.ReadFixed64()) },
                (F.Life, WireType.Bytes) => fact with { Life = ReadLife(wire.ReadBytes()) },
                (F.Pipeline, WireType.Varint) => fact with { Pipeline = Word(ref wire) },
                (F.Number, WireType.Varint) => fact with { Number = Word(ref wire) },
                (F.Url, WireType.Varint) => fact with { Url = Word(ref wire) },
                (F.Vcs, WireType.Bytes) => fact with { Vcs = ReadVcs(wire.ReadBytes()) },
                (F.Actor, WireType.Varint) => fact with { Actor = Word(ref wire) },
                (F.Trigger, WireType.Varint) => fact with { Trigger = Word(ref wire) },
                (F.Environment, WireType.Varint) => fact with { Environment = Word(ref wire) },
                (F.Parent, WireType.Bytes) => fact with { Parent = ReadRun(wire.ReadBytes()) },
                _ => ReadPart(ref wire, field, type, fact, parts),
            };
        }

        return fact with { Links = parts.Links, Attributes = parts.Attributes, Tasks = (IReadOnlyList<TaskFact>?)parts.Tasks ?? [] };
    }

    // Times are told relative to the fact's own, wherever that stands.
    private void ReadHead(ReadOnlySpan<byte> message, ref ulong run)
    {
        _time = 0;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.RunNumber, WireType.Varint):
                    run = wire.ReadVarint();
                    break;
                case (F.SourceTime, WireType.Fixed64):
                    _time = wire.ReadFixed64();
                    break;
                default:
                    wire.Skip(type);
                    break;
            }
        }
    }

    private RunFact ReadPart(ref WireReader wire, int field, WireType type, RunFact fact, FactParts parts)
    {
        switch (field, type)
        {
            case (F.Task, WireType.Bytes):
                (parts.Tasks ??= []).Add(ReadTask(wire.ReadBytes()));
                break;
            case (F.Link, WireType.Bytes):
                (parts.Links ??= []).Add(ReadRun(wire.ReadBytes()));
                break;
            case (F.Attribute, WireType.Bytes):
                ReadAttribute(wire.ReadBytes(), parts.Attributes ??= new Dictionary<string, string>(StringComparer.Ordinal));
                break;
            default:
                wire.Skip(type);
                break;
        }

        return fact;
    }

    private TaskFact ReadTask(ReadOnlySpan<byte> message)
    {
        var task = new TaskFact { Key = new TaskKey("") };
        Dictionary<string, string>? attributes = null;
        List<StepFact>? steps = null;
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.Step, WireType.Bytes):
                    (steps ??= []).Add(ReadStep(wire.ReadBytes()));
                    break;
                case (F.TaskAttribute, WireType.Bytes):
                    ReadAttribute(wire.ReadBytes(), attributes ??= new Dictionary<string, string>(StringComparer.Ordinal));
                    break;
                default:
                    task = ReadTaskField(ref wire, field, type, task);
                    break;
            }
        }

        return task with { Attributes = attributes, Steps = (IReadOnlyList<StepFact>?)steps ?? [] };
    }

    private TaskFact ReadTaskField(ref WireReader wire, int field, WireType type, TaskFact task)
    {
        switch (field, type)
        {
            case (F.TaskId, WireType.Varint):
                return task with { Key = task.Key with { Id = Word(ref wire) } };
            case (F.TaskKeyAttempt, WireType.Varint):
                return task with { Key = task.Key with { Attempt = (int)(long)wire.ReadVarint() } };
            case (F.StandIn, WireType.Varint):
                return task with { IsStandIn = wire.ReadVarint() != 0 };
            case (F.AlsoKnownAs, WireType.Varint):
                return task with { AlsoKnownAs = Word(ref wire) };
            case (F.TaskTime, WireType.Varint):
                return task with { SourceTime = Time(ref wire) };
            case (F.TaskSentSpan, WireType.Fixed64):
                return task with { SentSpanId = new SpanId(wire.ReadFixed64()) };
            case (F.TaskLife, WireType.Bytes):
                return task with { Life = ReadLife(wire.ReadBytes()) };
            case (F.TaskName, WireType.Varint):
                return task with { Name = Word(ref wire) };
            case (F.TaskType, WireType.Varint):
                return task with { Type = Word(ref wire) };
            case (F.Stage, WireType.Varint):
                return task with { Stage = Word(ref wire) };
            case (F.TaskAttempt, WireType.Varint):
                return task with { Attempt = (int)(long)wire.ReadVarint() };
            case (F.SoftFail, WireType.Varint):
                return task with { SoftFail = wire.ReadVarint() != 0 };
            case (F.Worker, WireType.Varint):
                return task with { Worker = Word(ref wire) };
            case (F.TaskUrl, WireType.Varint):
                return task with { Url = Word(ref wire) };
            case (F.LogTail, WireType.Varint):
                return task with { LogTail = Word(ref wire) };
            default:
                wire.Skip(type);
                return task;
        }
    }

    private StepFact ReadStep(ReadOnlySpan<byte> message)
    {
        var step = new StepFact { Id = "" };
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.StepId, WireType.Varint):
                    step = step with { Id = Word(ref wire) };
                    break;
                case (F.StepName, WireType.Varint):
                    step = step with { Name = Word(ref wire) };
                    break;
                case (F.StepLife, WireType.Bytes):
                    step = step with { Life = ReadLife(wire.ReadBytes()) };
                    break;
                case (F.StepSentSpan, WireType.Fixed64):
                    step = step with { SentSpanId = new SpanId(wire.ReadFixed64()) };
                    break;
                default:
                    wire.Skip(type);
                    break;
            }
        }

        return step;
    }

    private LifeFact ReadLife(ReadOnlySpan<byte> message)
    {
        var life = new LifeFact();
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            if (type != WireType.Varint)
            {
                wire.Skip(type);
                continue;
            }

            life = field switch
            {
                F.State => life with { State = (RunState)(wire.ReadVarint() - 1) },
                F.Result => life with { Result = (RunResult)(wire.ReadVarint() - 1) },
                F.ErrorType => life with { ErrorType = Word(ref wire) },
                F.Message => life with { Message = Word(ref wire) },
                F.ExitCode => life with { ExitCode = (int)wire.ReadZigZag() },
                F.Created => life with { CreatedAt = Time(ref wire) },
                F.Started => life with { StartedAt = Time(ref wire) },
                F.Finalizing => life with { FinalizingAt = Time(ref wire) },
                F.Finished => life with { FinishedAt = Time(ref wire) },
                F.Cycle => life with { Cycle = Time(ref wire) },
                _ => Skipped(ref wire, type, life),
            };
        }

        return life;
    }

    private VcsFacts ReadVcs(ReadOnlySpan<byte> message)
    {
        var words = new string?[VcsFacts.WordCount];
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            if (field >= 1 && field <= words.Length && type == WireType.Varint)
            {
                words[field - 1] = Word(ref wire);
            }
            else
            {
                wire.Skip(type);
            }
        }

        return VcsFacts.OfWords(words);
    }

    private RunKey ReadRun(ReadOnlySpan<byte> message)
    {
        var run = new RunKey("", "", "", 0);
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            run = (field, type) switch
            {
                (F.System, WireType.Varint) => run with { System = Word(ref wire) },
                (F.Instance, WireType.Varint) => run with { Instance = Word(ref wire) },
                (F.RunId, WireType.Varint) => run with { Run = Word(ref wire) },
                (F.RunAttempt, WireType.Varint) => run with { Attempt = (int)(long)wire.ReadVarint() },
                _ => Skipped(ref wire, type, run),
            };
        }

        return run;
    }

    private void ReadAttribute(ReadOnlySpan<byte> message, Dictionary<string, string> to)
    {
        string key = "", value = "";
        var wire = new WireReader(message);
        while (wire.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (F.Key, WireType.Varint):
                    key = Word(ref wire);
                    break;
                case (F.Value, WireType.Varint):
                    value = Word(ref wire);
                    break;
                default:
                    wire.Skip(type);
                    break;
            }
        }

        to[key] = value;
    }

    private string Word(ref WireReader wire)
    {
        var number = wire.ReadVarint();
        return number - 1 < (ulong)_texts.Count ? _texts[(int)(number - 1)] : throw new WireFormatException("a text is missing", wire.Position);
    }

    private TimestampNs Time(ref WireReader wire) => new(_time + (ulong)wire.ReadZigZag());

    private static T Skipped<T>(ref WireReader wire, WireType type, T unchanged)
    {
        wire.Skip(type);
        return unchanged;
    }

    private static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> bytes, int size) =>
        bytes.Length == size ? bytes : throw new WireFormatException($"{bytes.Length} bytes instead of {size}", 0);

    private sealed class FactParts
    {
        public List<RunKey>? Links { get; set; }

        public Dictionary<string, string>? Attributes { get; set; }

        public List<TaskFact>? Tasks { get; set; }
    }
}
