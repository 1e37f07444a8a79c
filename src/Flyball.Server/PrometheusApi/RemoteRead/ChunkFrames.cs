using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Labels;
using Flyball.Model.Wire;

namespace Flyball.Server.PrometheusApi.RemoteRead;

/// <summary>Writes a stream of <c>prometheus.ChunkedReadResponse</c>, each in a frame. Prometheus remote-read specification.</summary>
/// <remarks>
/// <code>
/// frame: uvarint message length | CRC-32C of the message, u32 big-endian | message
/// ChunkedReadResponse { repeated ChunkedSeries chunked_series = 1; int64 query_index = 2; }
/// ChunkedSeries       { repeated Label labels = 1; repeated Chunk chunks = 2; }
/// Chunk               { int64 min_time_ms = 1; int64 max_time_ms = 2; Encoding type = 3; bytes data = 4; }
/// </code>
/// A series whose chunks exceed a frame goes on in the next one, its labels said again.
/// </remarks>
internal sealed class ChunkFrames(Stream to, int frameBytes)
{
    private readonly WireWriter _message = new();
    private readonly byte[] _head = new byte[14];

    /// <summary>Writes one series.</summary>
    public async ValueTask WriteAsync(int query, LabelSet labels, IEnumerable<PackedChunk> chunks, CancellationToken cancellationToken)
    {
        var waiting = new List<PackedChunk>();
        var bytes = labels.Encoded.Length;
        foreach (var chunk in chunks)
        {
            waiting.Add(chunk);
            bytes += chunk.Data.Length;
            if (bytes >= frameBytes)
            {
                await WriteFrameAsync(query, labels, waiting, cancellationToken);
                waiting.Clear();
                bytes = labels.Encoded.Length;
            }
        }

        if (waiting.Count > 0)
        {
            await WriteFrameAsync(query, labels, waiting, cancellationToken);
        }
    }

    private async ValueTask WriteFrameAsync(int query, LabelSet labels, List<PackedChunk> chunks, CancellationToken cancellationToken)
    {
        _message.Clear();
        var series = _message.Begin(1);
        SamplesAnswer.WriteLabels(_message, labels);
        foreach (var chunk in chunks)
        {
            var begun = _message.Begin(2);
            _message.Varint(1, (ulong)chunk.FirstMs);
            _message.Varint(2, (ulong)chunk.LastMs);
            _message.Varint(3, chunk.Encoding);
            _message.Bytes(4, chunk.Data.Span);
            _message.End(begun);
        }

        _message.End(series);
        _message.Varint(2, (ulong)query);
        await to.WriteAsync(_head.AsMemory(0, WriteHead()), cancellationToken);
        await to.WriteAsync(_message.WrittenMemory, cancellationToken);
        await to.FlushAsync(cancellationToken);
    }

    private int WriteHead()
    {
        var at = 0;
        var rest = (uint)_message.Written.Length;
        for (; rest >= 0x80; rest >>= 7)
        {
            _head[at++] = (byte)(rest | 0x80);
        }

        _head[at++] = (byte)rest;
        BinaryPrimitives.WriteUInt32BigEndian(_head.AsSpan(at), Crc32C.Of(_message.Written));
        return at + 4;
    }
}
