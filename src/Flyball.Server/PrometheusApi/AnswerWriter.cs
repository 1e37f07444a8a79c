using System.Buffers;
using System.Buffers.Text;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes JSON of many numbers straight to where it goes: no document is kept, nothing is checked twice.</summary>
/// <remarks>The caller writes the punctuation and vouches for it. A general JSON writer spends most of its time on that. Not thread-safe.</remarks>
internal sealed class AnswerWriter(IBufferWriter<byte> to)
{
    private const int Room = 16 * 1024;
    private const int MostOfPoint = GoFloat.MostBytes + TimeTexts.Size + 4;

    private readonly LabelTexts _labels = new();
    private Memory<byte> _room;
    private int _used;

    /// <summary>Hands over what has been written so far.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            to.Advance(_used);
        }

        _used = 0;
        _room = default;
    }

    /// <summary>Writes bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Reserve(json.Length));
        _used += json.Length;
    }

    /// <summary>Writes UTF-8 text as a string.</summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        // In parts, for a text may be long; one that is cut inside a character waits for the rest.
        Raw("\""u8);
        while (!utf8.IsEmpty)
        {
            var part = utf8[..Math.Min(utf8.Length, Room / 8)];
            _used += JsonText.Escape(part, Reserve(JsonText.MostOf(part.Length)), isFinal: part.Length == utf8.Length, out var read);
            utf8 = utf8[read..];
        }

        Raw("\""u8);
    }

    /// <summary>Writes labels as an object, names in order.</summary>
    public void Labels(LabelSet labels) => Raw(_labels.Of(labels.Encoded));

    /// <summary>Writes <c>[seconds,"value"]</c>.</summary>
    public void Point(long timestampMs, double value) => Points([timestampMs], [value]);

    /// <summary>Writes <c>[seconds,"value"],[seconds,"value"]…</c></summary>
    public void Points(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values)
    {
        var times = TimeTexts.OfThisThread;
        var room = Reserve(MostOfPoint);
        var at = 0;
        // Gauges stand still more often than not: the text of an equal neighbour is at hand.
        var (lastBits, lastStart, lastLength) = (0UL, 0, 0);
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            if (room.Length - at < MostOfPoint)
            {
                _used += at;
                room = Reserve(MostOfPoint);
                (at, lastLength) = (0, 0);
            }

            // The text and room behind it are copied at once; what is too much is written over.
            times.CopyTo(timestampsMs[i], room[at..], out var length);
            at += length;
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            if (bits == lastBits && lastLength > 0)
            {
                room.Slice(lastStart, lastLength).CopyTo(room[at..]);
            }
            else
            {
                (lastBits, lastStart) = (bits, at);
                lastLength = GoFloat.Format(values[i], room[at..]);
            }

            at += lastLength;
            room[at] = (byte)'"';
            room[at + 1] = (byte)']';
            room[at + 2] = (byte)',';
            at += 3;
        }

        _used += at - 1;
    }

    /// <summary>Writes a time as seconds with at most three decimals.</summary>
    public void Time(long timestampMs) => _used += FormatTime(timestampMs, Reserve(32));

    /// <summary>Writes a value as a string.</summary>
    public void Number(double value)
    {
        var room = Reserve(GoFloat.MostBytes + 2);
        room[0] = (byte)'"';
        var length = GoFloat.Format(value, room[1..]);
        room[length + 1] = (byte)'"';
        _used += length + 2;
    }

    /// <summary>Writes seconds with at most three decimals.</summary>
    /// <returns>Bytes written, at most 25.</returns>
    public static int FormatTime(long timestampMs, Span<byte> to)
    {
        var magnitude = timestampMs < 0 ? (ulong)-timestampMs : (ulong)timestampMs;
        var at = 0;
        if (timestampMs < 0)
        {
            to[at++] = (byte)'-';
        }

        Utf8Formatter.TryFormat(magnitude / 1000, to[at..], out var written);
        at += written;
        var rest = magnitude % 1000;
        if (rest == 0)
        {
            return at;
        }

        to[at++] = (byte)'.';
        to[at++] = (byte)('0' + (rest / 100));
        to[at++] = (byte)('0' + (rest / 10 % 10));
        to[at++] = (byte)('0' + (rest % 10));
        while (to[at - 1] == '0')
        {
            at--;
        }

        return at;
    }

    private Span<byte> Reserve(int count)
    {
        if (_room.Length - _used < count)
        {
            Flush();
            _room = to.GetMemory(Math.Max(count, Room));
        }

        return _room.Span[_used..];
    }
}
