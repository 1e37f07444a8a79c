using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Traces.SpanMetrics;

/// <summary>Pairs the two spans of a request between services, in whichever order they come. Not thread-safe.</summary>
internal sealed class ServiceGraph(SpanMetricsOptions options, SeriesBudget budget)
{
    private static readonly HashSet<string> Taken = [];
    private static readonly byte[][] DatabaseKeys = Utf8("db.namespace", "db.name", "db.system", "db.system.name");
    private static readonly byte[][] PeerKeys = Utf8("peer.service", "db.name", "db.system", "db.system.name");

    private readonly RequestMetrics _requests = new(options, budget);
    private readonly SpanLabels _dimensions = new(options.GraphDimensions, Taken);
    private readonly Dictionary<(TraceId, ulong), RequestSide> _clients = [];
    private readonly Dictionary<(TraceId, ulong), RequestSide> _servers = [];
    private readonly Queue<(long UntilMs, (TraceId, ulong) Key, bool IsClient, RequestSide Side)> _open = new();

    /// <summary>Sides that were given up, because nobody came or too many waited, since the last look.</summary>
    public (int Unpaired, int Dropped, int Refused) Lost { get; private set; }

    /// <summary>Takes a span; the service of its resource must be known.</summary>
    public void Add(SpanBatch batch, in SpanRow span, ReadOnlySpan<byte> service, long nowMs)
    {
        Expire(nowMs);
        switch (span.Kind)
        {
            case SpanKind.Client or SpanKind.Producer:
                AddClient(batch, span, Encoding.UTF8.GetString(service), nowMs);
                break;
            case SpanKind.Server or SpanKind.Consumer:
                AddServer(batch, span, Encoding.UTF8.GetString(service), nowMs);
                break;
        }
    }

    /// <summary>Gives up what has waited too long.</summary>
    public void Expire(long nowMs)
    {
        while (_open.TryPeek(out var oldest) && oldest.UntilMs <= nowMs)
        {
            _open.Dequeue();
            var waiting = oldest.IsClient ? _clients : _servers;
            if (waiting.TryGetValue(oldest.Key, out var side) && ReferenceEquals(side, oldest.Side))
            {
                waiting.Remove(oldest.Key);
                GiveUp(side, oldest.IsClient, nowMs);
            }
        }
    }

    public void Write(SampleBatch batch, TimestampMs before, TimestampMs now, long idleSinceMs) => _requests.Write(batch, before, now, idleSinceMs);

    /// <summary>Starts the count of lost sides over.</summary>
    public void ForgetLost() => Lost = default;

    private void AddClient(SpanBatch batch, in SpanRow span, string service, long nowMs)
    {
        if (span.Kind == SpanKind.Client && First(batch, span, DatabaseKeys) is { Length: > 0 } database)
        {
            // A database sends no span of its own: the client's tells of both sides.
            var one = Side(batch, span, service, "client_", "");
            Count(one, one with { Service = DatabaseName(batch, span, database), Dimensions = LabelSet.Empty }, "database", nowMs);
            return;
        }

        var client = Side(batch, span, service, "client_", First(batch, span, PeerKeys));
        var key = (span.TraceId, span.SpanId.Value);
        if (_servers.Remove(key, out var server))
        {
            Count(client, server, TypeOf(client), nowMs);
        }
        else
        {
            Wait(_clients, key, client, isClient: true, nowMs);
        }
    }

    private void AddServer(SpanBatch batch, in SpanRow span, string service, long nowMs)
    {
        var server = Side(batch, span, service, "server_", First(batch, span, PeerKeys));
        if (span.ParentId.IsZero)
        {
            // Nobody will come for a root: whoever called it sends no spans.
            var caller = server with { Service = server.Peer.Length > 0 ? server.Peer : "user", Dimensions = LabelSet.Empty };
            Count(caller, server, "virtual_node", nowMs);
            return;
        }

        var key = (span.TraceId, span.ParentId.Value);
        if (_clients.Remove(key, out var client))
        {
            Count(client, server, TypeOf(client), nowMs);
        }
        else
        {
            Wait(_servers, key, server, isClient: false, nowMs);
        }
    }

    private void Wait(Dictionary<(TraceId, ulong), RequestSide> waiting, (TraceId, ulong) key, RequestSide side, bool isClient, long nowMs)
    {
        if (_clients.Count + _servers.Count >= options.MostOpen)
        {
            Lost = Lost with { Dropped = Lost.Dropped + 1 };
            return;
        }

        waiting[key] = side;
        _open.Enqueue((nowMs + (long)options.PairWithin.TotalMilliseconds, key, isClient, side));
    }

    private void GiveUp(RequestSide side, bool isClient, long nowMs)
    {
        if (isClient && side.Peer.Length > 0)
        {
            Count(side, side with { Service = side.Peer, Dimensions = LabelSet.Empty }, "virtual_node", nowMs);
        }
        else
        {
            Lost = Lost with { Unpaired = Lost.Unpaired + 1 };
        }
    }

    private void Count(RequestSide client, RequestSide server, string type, long nowMs)
    {
        if (!_requests.Add(client, server, type, nowMs))
        {
            Lost = Lost with { Refused = Lost.Refused + 1 };
        }
    }

    private RequestSide Side(SpanBatch batch, in SpanRow span, string service, string prefix, string peer)
    {
        var dimensions = LabelSet.Empty;
        if (options.GraphDimensions.Count > 0)
        {
            var labels = new LabelSetBuilder();
            _dimensions.Set(batch, span, labels, prefix);
            dimensions = labels.Build();
        }

        return new RequestSide(
            span.TraceId,
            service,
            span.DurationNs / 1e9,
            span.Status == SpanStatus.Error,
            span.Kind is SpanKind.Producer or SpanKind.Consumer,
            span.Kind == SpanKind.Producer ? span.End.Value : span.Start.Value,
            peer,
            dimensions);
    }

    private static string TypeOf(RequestSide client) => client.IsMessage ? "messaging_system" : "";

    private static string DatabaseName(SpanBatch batch, in SpanRow span, string database)
    {
        foreach (var key in new[] { "peer.service", "server.address" })
        {
            if (batch.FindText(span, Encoding.UTF8.GetBytes(key)) is { Length: > 0 } name)
            {
                return name;
            }
        }

        if (batch.FindText(span, "network.peer.address"u8) is not { Length: > 0 } address)
        {
            return database;
        }

        return batch.Find(span.Attributes, "network.peer.port"u8) is { Kind: AttributeKind.Integer } port ? $"{address}:{port.Integer}" : address;
    }

    private static string First(SpanBatch batch, in SpanRow span, byte[][] keys)
    {
        foreach (var key in keys)
        {
            if (batch.FindText(span, key) is { Length: > 0 } value)
            {
                return value;
            }
        }

        return "";
    }

    private static byte[][] Utf8(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
