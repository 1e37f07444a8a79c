using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Text;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Server.PrometheusApi.RemoteRead;

/// <summary>The message <c>prometheus.ReadRequest</c>. Prometheus remote-read specification.</summary>
/// <remarks>
/// <code>
/// ReadRequest { repeated Query queries = 1; repeated ResponseType accepted_response_types = 2; }       SAMPLES 0, STREAMED_XOR_CHUNKS 1
/// Query       { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; ReadHints hints = 4; }
/// LabelMatcher{ Type type = 1 (EQ, NEQ, RE, NRE); string name = 2; string value = 3; }
/// </code>
/// Hints are not read: by them a source may answer with less than the samples, and here it is the samples that are wanted.
/// </remarks>
internal sealed class ReadRequest
{
    private const ulong StreamedChunks = 1;

    /// <summary>What is asked, in order.</summary>
    public List<SeriesQuery> Queries { get; } = [];

    /// <summary>Whether the first kind of answer the caller accepts, of those known here, is the streamed one.</summary>
    public bool WantsChunks { get; private set; }

    /// <summary>Reads a message.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    /// <exception cref="RegexSyntaxException">A matcher's expression cannot be compiled.</exception>
    public static ReadRequest Read(ReadOnlySpan<byte> message)
    {
        var request = new ReadRequest();
        ulong? kind = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    request.Queries.Add(ReadQuery(reader.ReadBytes()));
                    break;
                case (2, WireType.Varint):
                    kind = FirstKnown(kind, reader.ReadVarint());
                    break;
                case (2, WireType.Bytes):
                    for (var kinds = new WireReader(reader.ReadBytes()); !kinds.AtEnd;)
                    {
                        kind = FirstKnown(kind, kinds.ReadVarint());
                    }

                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        request.WantsChunks = kind == StreamedChunks;
        return request;
    }

    private static ulong? FirstKnown(ulong? before, ulong next) => before ?? (next <= StreamedChunks ? next : null);

    private static SeriesQuery ReadQuery(ReadOnlySpan<byte> message)
    {
        long start = 0, end = 0;
        var matchers = new List<Matcher>();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    start = (long)reader.ReadVarint();
                    break;
                case (2, WireType.Varint):
                    end = (long)reader.ReadVarint();
                    break;
                case (3, WireType.Bytes):
                    matchers.Add(ReadMatcher(reader.ReadBytes()));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return new SeriesQuery(new TimeRange(new TimestampMs(start), new TimestampMs(end)), matchers);
    }

    private static Matcher ReadMatcher(ReadOnlySpan<byte> message)
    {
        ulong op = 0;
        string name = "", value = "";
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    op = reader.ReadVarint();
                    break;
                case (2, WireType.Bytes):
                    name = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
                case (3, WireType.Bytes):
                    value = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return op <= (ulong)MatchOp.NotRegex
            ? new Matcher((MatchOp)op, name, value)
            : throw new WireFormatException($"there is no kind {op} of matcher", reader.Position);
    }
}
