using System.Numerics;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Step;

/// <summary>Goes through the spans of a batch and reads the attributes of the CI/CD conventions, old and foreign spellings included.</summary>
/// <remarks>The attributes of a span are looked at once, those of its resource once for all its spans, and what a span says of its run is
/// made anew only when it says something else than the span before. Lives as long as its batch does not change.</remarks>
internal sealed class CiSpan(SpanBatch batch, KnownTexts texts)
{
    private readonly AttributeValue[] _own = new AttributeValue[CiKeys.Count];
    private readonly AttributeValue[] _shared = new AttributeValue[CiKeys.Count];
    private readonly AttributeValue[] _before = new AttributeValue[(int)CiKey.TaskRunId];
    private ulong _has;
    private ulong _sharedHas;
    private ulong _beforeHas;
    private int _resource = -1;
    private SpanRow _row;
    private (TraceId Trace, int Resource) _frameOf = (default, -1);
    private RunFact? _frame;
    private RunFact? _frameOfTask;

    public ref readonly SpanRow Row => ref _row;

    public string? RunId => Text(CiKey.RunId);

    /// <summary>Whether the span says itself (not only its resource) that it is of a task.</summary>
    public bool IsTask => HasOwn(CiKey.TaskRunId) || HasOwn(CiKey.TaskName);

    public bool IsRun => !IsTask && (HasOwn(CiKey.RunResult) || HasOwn(CiKey.RunStatus) || (_row.ParentId.IsZero && _row.Kind == SpanKind.Server));

    public string Name => texts.Of(batch.Bytes(_row.Name));

    /// <summary>Goes to a span.</summary>
    public void MoveTo(in SpanRow row)
    {
        _row = row;
        _has = Read(row.Attributes, _own);
        if (row.Resource != _resource)
        {
            _resource = row.Resource;
            _sharedHas = Read(batch.Resources[_resource].Attributes, _shared);
        }
    }

    public string? Text(CiKey key) => (Bit(key) & _has) != 0 ? AsText(_own[(int)key]) : (Bit(key) & _sharedHas) != 0 ? AsText(_shared[(int)key]) : null;

    /// <summary>Whether the span itself has an attribute, and not an empty one.</summary>
    public bool HasOwn(CiKey key) =>
        (Bit(key) & _has) != 0 && _own[(int)key] is var value && (value.Kind == AttributeKind.Integer || (value.Kind == AttributeKind.Text && !value.Slice.IsEmpty));

    /// <summary>An attribute that differs from span to span, so that remembering it serves nobody.</summary>
    public string? Unique(CiKey key) => HasOwn(key) && _own[(int)key] is { Kind: AttributeKind.Text } own ? batch.Text(own.Slice) : Text(key);

    public string? Own(CiKey key) => (Bit(key) & _has) != 0 ? AsText(_own[(int)key]) : null;

    public long? Integer(CiKey key) => ((Bit(key) & (_has | _sharedHas)) != 0 && long.TryParse(Text(key), out var value)) ? value : null;

    /// <summary>The facts every CI span tells about its run, without a time; the same object as for the span before when they are the same.</summary>
    /// <param name="ofTask">Whether the span is of a task; its address is not the run's.</param>
    public RunFact Frame(TimestampNs receivedAt, bool ofTask)
    {
        if (_frame is null || !SaysSameOfRun())
        {
            _frame = MakeFrame(receivedAt);
            _frameOfTask = _frame.Url is null ? _frame : null;
            _frameOf = (_row.TraceId, _row.Resource);
            _own.AsSpan(0, _before.Length).CopyTo(_before);
            _beforeHas = _has & CiKeys.OfRun;
        }

        return ofTask ? _frameOfTask ??= _frame with { Url = null } : _frame;
    }

    /// <summary>The life an ended span tells of.</summary>
    public LifeFact Life(string? resultWord)
    {
        var result = RunWords.ParseResult(resultWord) ?? (_row.Status == SpanStatus.Error ? RunResult.Failure : RunResult.Success);
        return new LifeFact
        {
            State = RunState.Finished,
            Result = result,
            ErrorType = Own(CiKey.ErrorType) ?? (result.IsBad() ? "_OTHER" : null),
            Message = _row.StatusMessage.IsEmpty ? null : texts.Of(batch.Bytes(_row.StatusMessage)),
            ExitCode = (int?)Integer(CiKey.ExitCode),
            StartedAt = _row.Start,
            FinishedAt = _row.End > _row.Start ? _row.End : _row.Start,
        };
    }

    private RunFact MakeFrame(TimestampNs receivedAt)
    {
        var run = new RunKey(
            Text(CiKey.System) ?? "otlp", Text(CiKey.Instance) ?? "", RunId!,
            (int)Math.Clamp(Integer(CiKey.RunAttempt) ?? Integer(CiKey.GitHubAttempt) ?? 1, 1, 1 << 20));
        return new RunFact
        {
            Run = run,
            SourceTime = default,
            ReceivedAt = receivedAt,
            TraceId = run.System is "otlp" ? _row.TraceId : StepKeys.TraceOf(run, _row.TraceId.ToString()),
            Pipeline = Text(CiKey.Pipeline),
            Number = Text(CiKey.RunNumber),
            Actor = Text(CiKey.Actor) ?? Text(CiKey.SenderLogin) ?? Text(CiKey.ActorName),
            Trigger = Text(CiKey.Trigger) ?? Text(CiKey.GitLabSource),
            Url = Text(CiKey.RunUrl),
            Environment = Text(CiKey.Environment),
            Vcs = MakeVcs(),
        };
    }

    private VcsFacts MakeVcs() => new()
    {
        RepositoryUrl = VcsText.RepositoryUrl(Text(CiKey.RepositoryUrl)),
        RepositoryName = Text(CiKey.RepositoryName),
        Owner = Text(CiKey.Owner),
        Provider = Text(CiKey.Provider) ?? Text(CiKey.Vendor),
        HeadName = Text(CiKey.HeadName) ?? Text(CiKey.Head),
        HeadType = Text(CiKey.HeadType),
        Commit = Text(CiKey.Commit),
        BaseName = Text(CiKey.BaseName),
        ChangeId = Text(CiKey.ChangeId),
        ChangeTitle = Text(CiKey.ChangeTitle),
    };

    private bool SaysSameOfRun()
    {
        if (_frameOf != (_row.TraceId, _row.Resource) || (_has & CiKeys.OfRun) != _beforeHas)
        {
            return false;
        }

        for (var left = _beforeHas; left != 0; left &= left - 1)
        {
            var key = BitOperations.TrailingZeroCount(left);
            var (now, before) = (_own[key], _before[key]);
            if (now.Kind != before.Kind || now.Bits != before.Bits || !batch.Bytes(now.Slice).SequenceEqual(batch.Bytes(before.Slice)))
            {
                return false;
            }
        }

        return true;
    }

    // Of a key that is there twice the last counts.
    private ulong Read(RowRange range, AttributeValue[] values)
    {
        ulong has = 0;
        foreach (ref readonly var attribute in batch.Attributes.Slice(range.Start, range.Count))
        {
            if (CiKeys.Find(batch.Bytes(attribute.Key)) is var key and >= 0)
            {
                values[key] = attribute.Value;
                has |= 1UL << key;
            }
        }

        return has;
    }

    private string? AsText(in AttributeValue value) => value.Kind switch
    {
        AttributeKind.Text => value.Slice.IsEmpty ? null : texts.Of(batch.Bytes(value.Slice)),
        AttributeKind.Integer => $"{value.Integer}",
        _ => null,
    };

    private static ulong Bit(CiKey key) => 1UL << (int)key;
}
