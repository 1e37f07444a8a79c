using Flyball.Model.Runs;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Connectors;

/// <summary>A connector: knows one CI system's events, nothing else. Contract: docs/specs/connector.md.</summary>
/// <remarks>Stateless as far as facts go: what an event means never depends on the events before it.</remarks>
internal interface IConnector
{
    /// <summary>The system's name in paths, run keys and counters.</summary>
    string System { get; }

    /// <summary>Checks that the sender is who it must be and reads what it says.</summary>
    /// <remarks>Throws nothing: whatever the bytes are, the answer is a verdict.</remarks>
    HookVerdict Read(HookRequest request);
}

/// <summary>An event as it arrived.</summary>
/// <param name="Headers">Its headers.</param>
/// <param name="Query">Its query parameters.</param>
/// <param name="Body">Its raw bytes, decompressed.</param>
/// <param name="ReceivedAt">When it arrived.</param>
internal sealed record HookRequest(IHeaderDictionary Headers, IQueryCollection Query, ReadOnlyMemory<byte> Body, TimestampNs ReceivedAt)
{
    /// <summary>A header's value; "" if absent.</summary>
    public string Header(string name) => Headers.TryGetValue(name, out var value) ? value.ToString() : "";
}

/// <summary>What a connector made of an event.</summary>
internal abstract record HookVerdict
{
    /// <summary>It tells of runs.</summary>
    public sealed record Facts(IReadOnlyList<RunFact> Of) : HookVerdict;

    /// <summary>It tells of a worker.</summary>
    public sealed record Worker(WorkerFact Of) : HookVerdict;

    /// <summary>It is genuine, and none of our business; acknowledged and counted.</summary>
    public sealed record Ignored(string Reason) : HookVerdict;

    /// <summary>It is refused.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Reason">A word for the counter.</param>
    /// <param name="Message">What is wrong and what to do.</param>
    public sealed record Refused(int Status, string Reason, string Message) : HookVerdict;

    /// <summary>The bytes are not what the system sends.</summary>
    public static Refused Malformed(string message) => new(StatusCodes.Status400BadRequest, "malformed", message);

    /// <summary>The sender did not prove who it is.</summary>
    public static Refused Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, "unauthorized", message);
}
