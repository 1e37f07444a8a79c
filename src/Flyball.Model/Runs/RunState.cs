namespace Flyball.Model.Runs;

/// <summary>Where a run, task or step stands. Later members are further on. Names: OpenTelemetry <c>cicd.pipeline.run.state</c>.</summary>
public enum RunState
{
    /// <summary>Triggered but not begun: queueing and provisioning are part of it.</summary>
    Pending,

    /// <summary>At work.</summary>
    Executing,

    /// <summary>Its tasks are done (or being stopped) and it cleans up.</summary>
    Finalizing,

    /// <summary>Over; there is a result.</summary>
    Finished,
}

/// <summary>How it ended. Names: OpenTelemetry <c>cicd.pipeline.result</c>.</summary>
public enum RunResult
{
    /// <summary>As intended; soft failures included.</summary>
    Success,

    /// <summary>Its own doing: a non-zero exit, a failing test, code that does not compile.</summary>
    Failure,

    /// <summary>The CI system's doing: a worker lost, an image that cannot be pulled.</summary>
    Error,

    /// <summary>It took too long.</summary>
    Timeout,

    /// <summary>Somebody or something stopped it.</summary>
    Cancellation,

    /// <summary>It was never meant to run this time.</summary>
    Skip,
}

/// <summary>The words the conventions, the labels and the HTTP API use for states and results.</summary>
public static class RunWords
{
    /// <summary>The state in lower case.</summary>
    public static string Of(RunState state) => state switch
    {
        RunState.Pending => "pending",
        RunState.Executing => "executing",
        RunState.Finalizing => "finalizing",
        _ => "finished",
    };

    /// <summary>The result in lower case; "" for none.</summary>
    public static string Of(RunResult? result) => result switch
    {
        RunResult.Success => "success",
        RunResult.Failure => "failure",
        RunResult.Error => "error",
        RunResult.Timeout => "timeout",
        RunResult.Cancellation => "cancellation",
        RunResult.Skip => "skip",
        _ => "",
    };

    /// <summary>Reads a result; null for a word that is none.</summary>
    public static RunResult? ParseResult(string? word) => word switch
    {
        "success" => RunResult.Success,
        "failure" => RunResult.Failure,
        "error" => RunResult.Error,
        "timeout" => RunResult.Timeout,
        "cancellation" => RunResult.Cancellation,
        "skip" => RunResult.Skip,
        _ => null,
    };

    /// <summary>Whether something went wrong that nobody asked for: failure, error or timeout.</summary>
    public static bool IsBad(this RunResult result) => result is RunResult.Failure or RunResult.Error or RunResult.Timeout;
}
