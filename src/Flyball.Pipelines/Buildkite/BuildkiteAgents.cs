using System.Text.Json;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Reads what agents are up to.</summary>
internal static class BuildkiteAgents
{
    /// <summary>Reads an agent's event; null if it is about something else.</summary>
    public static WorkerFact? Read(string name, JsonElement root, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        var agent = root.At("agent");
        var at = sentAt ?? Times.Latest(
            agent.Time("connected_at"), agent.Time("disconnected_at"), agent.Time("lost_at"), agent.Time("stopped_at")) ?? receivedAt;
        var id = BuildkiteJobs.IdOf(agent);
        return name switch
        {
            "agent.connected" when id is not null => new WorkerFact(id, agent.At("job").ValueKind == JsonValueKind.Object ? "busy" : "available", at),
            "agent.stopping" or "agent.disconnected" when id is not null => new WorkerFact(id, "offline", at),
            "agent.stopped" when id is not null => new WorkerFact(id, "", at),
            "agent.lost" when id is not null => new WorkerFact(id, "offline", at, "agent_lost"),
            "agent.blocked" when id is not null => new WorkerFact(id, "offline", at, "agent_blocked"),

            // Nobody who may not register has an id: the token that was refused stands for it.
            "cluster_token.registration_blocked" or "cluster.token_registration_blocked" =>
                new WorkerFact(BuildkiteJobs.IdOf(root.At("cluster_token")) ?? "registration", "", at, "registration_blocked"),
            _ => null,
        };
    }
}
