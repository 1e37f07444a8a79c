namespace Flyball.Actions.Executors;

/// <summary>Does one kind of thing. Reached through policy only.</summary>
internal interface IExecutor
{
    /// <summary>Does it, and says how it went; whatever goes wrong is an outcome.</summary>
    /// <param name="cancellationToken">Ends it early: the server stops.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    Task<ActionOutcome> RunAsync(PreparedAction action, CancellationToken cancellationToken);
}

/// <summary>An action with every template filled in.</summary>
/// <param name="Id">Id of the execution.</param>
/// <param name="Policy">Who allowed it.</param>
/// <param name="Action">Its name.</param>
/// <param name="Timeout">How long it may take.</param>
internal sealed record PreparedAction(string Id, string Policy, string Action, TimeSpan Timeout)
{
    /// <summary>Program and arguments; empty for a request.</summary>
    public IReadOnlyList<string> Argv { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    public string? WorkingDirectory { get; init; }

    /// <summary>Where to send a request; "" for a program.</summary>
    public string Url { get; init; } = "";

    public string Method { get; init; } = "";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public string? Body { get; init; }

    /// <summary>What it is, in a line for the journal; no headers and no variables, where secrets are.</summary>
    public string Summary => Argv.Count > 0 ? string.Join(' ', Argv.Select(Quote)) : $"{Method} {Url}";

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./:=,@%+".Contains(c, StringComparison.Ordinal))
            ? argument
            : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}

/// <summary>How an action went.</summary>
/// <param name="Succeeded">Whether it did what it should.</param>
/// <param name="Error">What went wrong; "" if nothing.</param>
/// <param name="Output">The end of what it wrote or answered; masked.</param>
/// <param name="Code">Exit code or HTTP status; null if there is none.</param>
internal sealed record ActionOutcome(bool Succeeded, string Error, string Output, int? Code);
