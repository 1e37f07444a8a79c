using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Step;

/// <summary>One span with the attributes of the CI/CD conventions, old and foreign spellings included.</summary>
/// <remarks>Dies with its batch's next change.</remarks>
internal readonly ref struct CiSpan(SpanBatch batch, in SpanRow row)
{
    private readonly SpanRow _row = row;

    public SpanRow Row => _row;

    public string? RunId => Text("cicd.pipeline.run.id"u8);

    /// <summary>Whether the span says itself (not only its resource) that it is of a task.</summary>
    public bool IsTask => Own("cicd.pipeline.task.run.id"u8) is not null || Own("cicd.pipeline.task.name"u8) is not null;

    public bool IsRun => !IsTask && (Own("cicd.pipeline.result"u8) ?? Own("cicd.pipeline.run.status"u8)) is not null
        || (!IsTask && _row.ParentId.IsZero && _row.Kind == SpanKind.Server);

    public RunKey Key(string runId) => new(
        Text("flyball.system"u8) ?? "otlp", Text("flyball.instance"u8) ?? "", runId,
        (int)Math.Clamp(Integer("flyball.attempt"u8) ?? Integer("github.workflow.run.attempt"u8) ?? 1, 1, 1 << 20));

    public string? Text(ReadOnlySpan<byte> key) =>
        AsText(batch.Find(_row.Attributes, key) ?? batch.Find(batch.Resources[_row.Resource].Attributes, key));

    public string? Own(ReadOnlySpan<byte> key) => AsText(batch.Find(_row.Attributes, key));

    public long? Integer(ReadOnlySpan<byte> key) => long.TryParse(Text(key), out var value) ? value : null;

    public string Name => batch.Text(_row.Name);

    public string? Message => _row.StatusMessage.IsEmpty ? null : batch.Text(_row.StatusMessage);

    /// <summary>The facts every CI span tells about its run.</summary>
    public RunFact Frame(RunKey run, TimestampNs receivedAt) => new()
    {
        Run = run,
        SourceTime = _row.End,
        ReceivedAt = receivedAt,
        TraceId = run.System is "otlp" ? _row.TraceId : StepKeys.TraceOf(run, _row.TraceId.ToString()),
        Pipeline = Text("cicd.pipeline.name"u8),
        Number = Text("flyball.run.number"u8),
        Actor = Text("flyball.actor"u8) ?? Text("cicd.pipeline.run.sender.login"u8) ?? Text("cicd.pipeline.run.actor.name"u8),
        Trigger = Text("flyball.trigger"u8) ?? Text("gitlab.pipeline.source"u8),
        Url = Text("cicd.pipeline.run.url.full"u8),
        Environment = Text("deployment.environment.name"u8),
        Vcs = new VcsFacts
        {
            RepositoryUrl = VcsText.RepositoryUrl(Text("vcs.repository.url.full"u8)),
            RepositoryName = Text("vcs.repository.name"u8),
            Owner = Text("vcs.owner.name"u8),
            Provider = Text("vcs.provider.name"u8) ?? Text("vcs.vendor.name"u8),
            HeadName = Text("vcs.ref.head.name"u8) ?? Text("vcs.ref.head"u8),
            HeadType = Text("vcs.ref.head.type"u8),
            Commit = Text("vcs.ref.head.revision"u8),
            BaseName = Text("vcs.ref.base.name"u8),
            ChangeId = Text("vcs.change.id"u8),
            ChangeTitle = Text("vcs.change.title"u8),
        },
    };

    /// <summary>The life an ended span tells of.</summary>
    public LifeFact Life(string? resultWord)
    {
        var result = RunWords.ParseResult(resultWord) ?? (_row.Status == SpanStatus.Error ? RunResult.Failure : RunResult.Success);
        return new LifeFact
        {
            State = RunState.Finished,
            Result = result,
            ErrorType = Own("error.type"u8) ?? (result.IsBad() ? "_OTHER" : null),
            Message = Message,
            ExitCode = (int?)Integer("process.exit.code"u8),
            StartedAt = _row.Start,
            FinishedAt = _row.End > _row.Start ? _row.End : _row.Start,
        };
    }

    private string? AsText(AttributeValue? value) => value switch
    {
        { Kind: AttributeKind.Text } text => text.Slice.IsEmpty ? null : batch.Text(text.Slice),
        { Kind: AttributeKind.Integer } number => $"{number.Integer}",
        _ => null,
    };
}
