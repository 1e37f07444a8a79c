using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Actions.Records;

/// <summary>How far a decision and what followed from it have come.</summary>
public enum ActionStatus
{
    /// <summary>Allowed, and waiting for its turn.</summary>
    Allowed,

    /// <summary>A rule of the policy said no.</summary>
    Refused,

    /// <summary>It would have been done, but the policy only says so.</summary>
    DryRun,

    /// <summary>Being done.</summary>
    Running,

    /// <summary>Done, and it went well.</summary>
    Succeeded,

    /// <summary>Done, and it went wrong; or it was interrupted.</summary>
    Failed,
}

/// <summary>One decision of a policy about one alert, and what became of it. Immutable; a fold over the journal.</summary>
/// <param name="Id">Derived from policy and alert instance: the same pair is the same record, which is why nothing is done twice.</param>
/// <param name="Policy">Who decided.</param>
/// <param name="Action">What it is about.</param>
/// <param name="Executor"><c>command</c> or <c>http</c>.</param>
public sealed record ActionRecord(string Id, string Policy, string Action, string Executor)
{
    /// <summary>How far it has come.</summary>
    public ActionStatus Status { get; init; }

    /// <summary>Which rule spoke, e.g. <c>cooldown</c>; empty if all agreed.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Why, as a sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Labels of the alert.</summary>
    public LabelSet Alert { get; init; } = LabelSet.Empty;

    /// <summary>Values of the policy's <c>group_by</c> labels, as the cooldown knows them.</summary>
    public string Group { get; init; } = "";

    /// <summary>Trace id of the run the alert is about; empty if it is about none.</summary>
    public string Run { get; init; } = "";

    /// <summary>What is done, in a line.</summary>
    public string Summary { get; init; } = "";

    /// <summary>When it was decided.</summary>
    public TimestampMs DecidedAt { get; init; }

    /// <summary>When it began; null if it has not.</summary>
    public TimestampNs? StartedAt { get; init; }

    /// <summary>When it ended; null if it has not.</summary>
    public TimestampNs? FinishedAt { get; init; }

    /// <summary>When the event arrived that led here; null if a timer did.</summary>
    public TimestampNs? CausedAt { get; init; }

    /// <summary>The end of what it wrote or answered.</summary>
    public string Output { get; init; } = "";

    /// <summary>What went wrong.</summary>
    public string Error { get; init; } = "";

    /// <summary>Exit code or HTTP status.</summary>
    public int? Code { get; init; }

    /// <summary>Whether it can still change.</summary>
    public bool IsOpen => Status is ActionStatus.Allowed or ActionStatus.Running;
}

/// <summary>Whoever wants to know of decisions and executions as they change: live views.</summary>
public interface IActionObserver
{
    /// <summary>Tells the record as it is now. Returns quickly.</summary>
    void OnActionChanged(ActionRecord record);
}
