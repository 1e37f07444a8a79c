using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Flyball.Bench.Peers.Workload;

/// <summary>What a dataset holds, so that answers can be checked.</summary>
/// <param name="MainSamples">Samples of the history that are values.</param>
/// <param name="MainMarkers">Staleness markers of the history.</param>
/// <param name="TailSamples">Values after the history, sent just before the kill.</param>
/// <param name="SeriesEver">Series that exist at any time.</param>
/// <param name="MainRequests">Requests of the history; the others are the tail.</param>
internal sealed record DatasetFacts(
    WorkloadOptions Options, long MainSamples, long MainMarkers, long TailSamples, long TailMarkers, long SeriesEver, int MainRequests, long Bytes);

/// <summary>A request of a dataset.</summary>
/// <param name="Sender">Which connection sends it.</param>
/// <param name="NewestMs">Its newest sample.</param>
internal readonly record struct DatasetRequest(int Sender, int Samples, long NewestMs, long Offset, int Length);

/// <summary>Requests made once and stored, ready to be sent: generating them costs no measurement anything.</summary>
/// <remarks>
/// <code>
/// file "requests": { sender u32, samples u32, newest i64, length u32, body (snappy block of prometheus.WriteRequest) }*
/// file "facts.json": DatasetFacts
/// </code>
/// </remarks>
internal sealed class Dataset : IDisposable
{
    internal const int HeaderSize = 20;

    private readonly SafeFileHandle _file;

    private Dataset(DatasetFacts facts, IReadOnlyList<DatasetRequest> requests, SafeFileHandle file)
    {
        Facts = facts;
        Requests = requests;
        _file = file;
    }

    public DatasetFacts Facts { get; }

    public IReadOnlyList<DatasetRequest> Requests { get; }

    /// <summary>Opens a dataset and makes it first where it is missing.</summary>
    public static Dataset OpenOrCreate(WorkloadOptions options, string cache)
    {
        var folder = Path.Combine(cache, options.Key);
        if (!File.Exists(Path.Combine(folder, "facts.json")))
        {
            Directory.CreateDirectory(folder);
            DatasetWriter.Write(options, folder);
        }

        return Open(folder);
    }

    public static Dataset Open(string folder)
    {
        var facts = JsonSerializer.Deserialize<DatasetFacts>(File.ReadAllText(Path.Combine(folder, "facts.json")))!;
        var file = File.OpenHandle(Path.Combine(folder, "requests"), FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        var requests = new List<DatasetRequest>();
        var header = new byte[HeaderSize];
        for (var at = 0L; at < facts.Bytes;)
        {
            RandomAccess.Read(file, header, at);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(16));
            requests.Add(new DatasetRequest(
                BinaryPrimitives.ReadInt32LittleEndian(header),
                BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)),
                BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)),
                at + HeaderSize,
                length));
            at += HeaderSize + length;
        }

        return new Dataset(facts, requests, file);
    }

    public byte[] Body(DatasetRequest request)
    {
        var body = new byte[request.Length];
        RandomAccess.Read(_file, body, request.Offset);
        return body;
    }

    public void Dispose() => _file.Dispose();
}
