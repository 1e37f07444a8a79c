using System.Buffers.Binary;
using Flyball.Model.Wire;

namespace Flyball.Bench.Peers.Tracing;

/// <summary>Traces of pipeline runs as OTLP requests: 50 spans each with six attributes, ten traces to a request.</summary>
internal sealed class TraceRequests(int seed, DateTimeOffset until, bool areRuns)
{
    public const int SpansPerTrace = 50, TracesPerRequest = 10;

    private static readonly string[] Tasks = ["checkout", "build", "unit-test", "integration-test", "lint", "package", "scan", "publish", "deploy", "verify"];

    private string Prefix { get; } = areRuns ? "cicd." : "work.";

    private readonly Random _random = new(seed);
    private readonly WireWriter _wire = new();

    /// <summary>Ids of all traces made so far.</summary>
    public List<byte[]> TraceIds { get; } = [];

    /// <summary>Makes one request, uncompressed protobuf.</summary>
    public byte[] Next()
    {
        _wire.Clear();
        var resource = _wire.Begin(1);
        var described = _wire.Begin(1);
        Attribute(1, "service.name", "ci");
        _wire.End(described);
        var scope = _wire.Begin(2);
        for (var i = 0; i < TracesPerRequest; i++)
        {
            Trace();
        }

        _wire.End(scope);
        _wire.End(resource);
        return _wire.Written.ToArray();
    }

    private void Trace()
    {
        var id = RandomBytes(16);
        TraceIds.Add(id);
        var pipeline = $"pipeline-{_random.Next(200):D4}";
        var run = Convert.ToHexStringLower(RandomBytes(8));
        var root = RandomBytes(8);
        Span(id, root, [], pipeline, Start(300_000), End(), pipeline, run, "");
        for (var i = 1; i < SpansPerTrace; i++)
        {
            var task = Tasks[i % Tasks.Length];
            Span(id, RandomBytes(8), root, task, Start(_random.Next(50_000)), End(), pipeline, run, task);
        }
    }

    // Senders export a span when it ends: all end within ten seconds, or the store would find them too late to count.
    private ulong End() => ((ulong)until.ToUnixTimeMilliseconds() * 1_000_000) + (ulong)_random.NextInt64(10_000_000_000);

    private ulong Start(int earlierMs) => (ulong)(until.ToUnixTimeMilliseconds() - earlierMs) * 1_000_000;

    private void Span(byte[] trace, byte[] id, byte[] parent, string name, ulong start, ulong end, string pipeline, string run, string task)
    {
        var failed = _random.Next(50) == 0;
        var span = _wire.Begin(2);
        _wire.Bytes(1, trace);
        _wire.Bytes(2, id);
        _wire.Bytes(4, parent);
        _wire.Text(5, name);
        _wire.Varint(6, 1);
        _wire.Fixed64(7, start);
        _wire.Fixed64(8, end);
        Attribute(9, Prefix + "pipeline.name", pipeline);
        Attribute(9, Prefix + "pipeline.run.id", run);
        Attribute(9, Prefix + "pipeline.task.name", task.Length > 0 ? task : "run");
        Attribute(9, Prefix + "pipeline.task.run.id", $"{run}-{BinaryPrimitives.ReadUInt32LittleEndian(id):x8}");
        Attribute(9, Prefix + "pipeline.task.run.result", failed ? "failure" : "success");
        Attribute(9, Prefix + "worker.name", $"worker-{_random.Next(64)}");
        var status = _wire.Begin(15);
        _wire.Varint(3, failed ? 2UL : 1UL);
        _wire.End(status);
        _wire.End(span);
    }

    private void Attribute(int field, string key, string value)
    {
        var pair = _wire.Begin(field);
        _wire.Text(1, key);
        var any = _wire.Begin(2);
        _wire.Text(1, value);
        _wire.End(any);
        _wire.End(pair);
    }

    private byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
