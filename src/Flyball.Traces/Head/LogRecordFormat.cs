using Flyball.Traces.Bytes;
using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Head;

/// <summary>A batch as the write-ahead log holds it: the strings of its page, then the page. Self-contained.</summary>
/// <remarks>
/// <code>
/// version: 1 byte   strings: uvarint   column of lengths   texts   page with trace ids
/// </code>
/// Self-contained, because a record must be readable whatever became of those before it; the log adds the checksum.
/// </remarks>
internal sealed class LogRecordFormat
{
    /// <summary>The number of these records in the log.</summary>
    public const byte RecordType = 1;

    private const byte Version = 1;

    private readonly PageEncoder _encoder = new(thorough: false);

    /// <summary>Appends the record of a page that owns its strings.</summary>
    public void Write(SpanPage page, StringTable strings, ByteWriter to)
    {
        to.Byte(Version);
        to.Varint((ulong)(strings.Count - 1));
        var lengths = new ulong[strings.Count - 1];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = (ulong)strings[i + 1].Length;
        }

        ColumnCodec.Write(lengths, to, thorough: false);
        to.Bytes(strings.Texts);
        _encoder.Write(page, withTraceIds: true, to);
    }

    /// <summary>Reads a record back.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a later version.</exception>
    public static SpanPage Read(ReadOnlySpan<byte> record)
    {
        var from = new ByteReader(record);
        var version = from.Byte();
        if (version != Version)
        {
            throw new InvalidDataException($"a span record of version {version} is not known here");
        }

        var lengths = new ulong[from.Count(record.Length)];
        ColumnCodec.Read(ref from, lengths);
        var strings = new StringTable();
        foreach (var length in lengths)
        {
            strings.Intern(from.Bytes(checked((int)length)));
        }

        return strings.Count == lengths.Length + 1
            ? PageDecoder.Read(record[from.Position..], strings)
            : throw new InvalidDataException("a string of a span record occurs twice");
    }
}
