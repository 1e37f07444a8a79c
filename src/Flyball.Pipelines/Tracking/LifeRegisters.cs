using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>State, result and times of a run, task or step, merged from facts.</summary>
internal sealed class LifeRegisters
{
    private Register<RunState> _state;
    private Register<RunResult> _result;
    private Register<string> _errorType;
    private Register<string> _message;
    private Register<int> _exitCode;
    private Register<TimestampNs> _createdAt;
    private Register<TimestampNs> _startedAt;
    private Register<TimestampNs> _finalizingAt;
    private Register<TimestampNs> _finishedAt;

    /// <summary>When its present end became known; null while it goes on.</summary>
    public TimestampNs? EndKnownAt { get; private set; }

    public TimestampNs? CreatedAt => _createdAt.IsSet ? _createdAt.Value : null;

    public TimestampNs? StartedAt => _startedAt.IsSet ? _startedAt.Value : null;

    public TimestampNs? FinalizingAt => Present(_finalizingAt) ? _finalizingAt.Value : null;

    /// <summary>Whether any fact told a state.</summary>
    public bool HasState => _state.IsSet;

    public RunState State => _state.Or(_startedAt.IsSet ? RunState.Executing : RunState.Pending);

    /// <summary>Which life the present state belongs to.</summary>
    public TimestampNs Cycle => new(_state.Order.Cycle);

    public bool IsFinished => State == RunState.Finished;

    // An end without a result is one the connector could not read: never a success by default.
    public RunResult? Result => !IsFinished ? null : Present(_result) ? _result.Value : RunResult.Error;

    public string ErrorType => Result is { } result && result.IsBad() && Present(_errorType) ? _errorType.Value! : "";

    public string Message => Present(_message) ? _message.Value! : "";

    public int? ExitCode => IsFinished && Present(_exitCode) ? _exitCode.Value : null;

    public TimestampNs? FinishedAt =>
        !IsFinished ? null : Present(_finishedAt) ? _finishedAt.Value : new TimestampNs(_state.Order.SourceTime);

    /// <summary>Merges what a fact says.</summary>
    /// <returns>Whether anything anybody can see is different now.</returns>
    /// <param name="plain">The order of the fact's other fields.</param>
    public bool Merge(LifeFact? life, TimestampNs sourceTime, FactOrder plain, TimestampNs receivedAt)
    {
        if (life is null)
        {
            return false;
        }

        var order = FactOrder.Of(life, sourceTime);
        var before = (State, FinishedAt, Cycle);
        var changed = _state.MergeIfSaid(life.State, order);
        changed |= _result.MergeIfSaid(life.Result, order);
        changed |= _errorType.MergeIfSaid(life.ErrorType, order);
        changed |= _message.MergeIfSaid(life.Message, order);
        changed |= _exitCode.MergeIfSaid(life.ExitCode, order);
        changed |= _finalizingAt.MergeIfSaid(life.FinalizingAt, order);
        changed |= _finishedAt.MergeIfSaid(life.FinishedAt, order);
        changed |= _createdAt.MergeIfSaid(life.CreatedAt, plain);
        changed |= _startedAt.MergeIfSaid(life.StartedAt, plain);
        if (changed && before != (State, FinishedAt, Cycle))
        {
            // A mended time of an end that was known is not a new end.
            var wasKnown = before.State == RunState.Finished && before.Cycle == Cycle;
            EndKnownAt = !IsFinished ? null : wasKnown ? EndKnownAt : receivedAt;
        }

        return changed;
    }

    // What was said about an earlier life does not speak of this one.
    private bool Present<T>(Register<T> register)
        where T : notnull => register.IsSet && register.Order.Cycle >= _state.Order.Cycle;
}
