using Flyball.Model.Labels;

namespace Flyball.Actions.Configuration;

/// <summary>The sections <c>actions</c> (what can be done) and <c>policies</c> (what may be done, and when).</summary>
public sealed record ActionsConfig(IReadOnlyList<ActionConfig> Actions, IReadOnlyList<PolicyConfig> Policies)
{
    /// <summary>Nothing can be done.</summary>
    public static readonly ActionsConfig Empty = new([], []);
}

/// <summary>Something that can be done. Exactly one of <see cref="Command"/> and <see cref="Http"/> is set.</summary>
public sealed record ActionConfig(string Name)
{
    /// <summary>Runs a program on this machine.</summary>
    public CommandConfig? Command { get; init; }

    /// <summary>Sends a request.</summary>
    public HttpConfig? Http { get; init; }

    /// <summary>The kind of executor, as the journal and the API name it.</summary>
    public string Executor => Command is not null ? "command" : "http";
}

/// <summary>A program to run. No shell is involved: each argument reaches the program as it is.</summary>
/// <param name="Argv">Program and arguments.</param>
/// <param name="Timeout">After this its whole process group is ended.</param>
public sealed record CommandConfig(IReadOnlyList<ActionText> Argv, TimeSpan Timeout)
{
    /// <summary>Variables beside the few it inherits.</summary>
    public IReadOnlyList<KeyValuePair<string, ActionText>> Environment { get; init; } = [];

    /// <summary>Folder it starts in; null = the configuration file's.</summary>
    public string? WorkingDirectory { get; init; }
}

/// <summary>A request to send.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Method">Verb.</param>
/// <param name="Timeout">For everything, retries included.</param>
public sealed record HttpConfig(ActionText Url, string Method, TimeSpan Timeout)
{
    /// <summary>Headers beside those that describe the body.</summary>
    public IReadOnlyList<KeyValuePair<string, ActionText>> Headers { get; init; } = [];

    /// <summary>The body; null = none.</summary>
    public ActionText? Body { get; init; }
}

/// <summary>What may be done, and when.</summary>
/// <param name="Name">Its name, as the journal says it.</param>
/// <param name="Alerts">All must accept a firing alert for the policy to decide about it.</param>
/// <param name="Action">The action it allows.</param>
public sealed record PolicyConfig(string Name, IReadOnlyList<Matcher> Alerts, ActionConfig Action)
{
    /// <summary>A PromQL query that must have a non-empty answer; null = none.</summary>
    public ActionText? Condition { get; init; }

    /// <summary>Time after an allowed action during which the same group gets no other one.</summary>
    public TimeSpan Cooldown { get; init; }

    /// <summary>Labels whose values make a group for <see cref="Cooldown"/>; empty = all alerts are one group.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>Most actions the policy allows in a time; null = any number.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Most of its actions running at once; further ones wait.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Whether it only says what it would do.</summary>
    public bool DryRun { get; init; }
}

/// <summary>At most so many in any stretch of time of this length.</summary>
public sealed record RateLimit(int Count, TimeSpan Per);
