using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes JSON of many numbers straight into a response as it is sent: no document is kept, nothing is checked twice.</summary>
/// <remarks>The caller writes the punctuation and vouches for it. A general JSON writer spends most of its time on that.</remarks>
internal sealed class AnswerWriter(PipeWriter to)
{
    private const int Room = 16 * 1024;
    private const int WorthSending = 128 * 1024;

    // As Go's encoder with HTML escaping off, which is what clients are used to see.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))]);

    private Memory<byte> _room;
    private int _used;

    /// <summary>Whether enough has gathered that it should be sent on.</summary>
    public bool IsFull => to.UnflushedBytes + _used >= WorthSending;

    /// <summary>Sends what has gathered; waits while the client reads more slowly than we write.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        Advance();
        await to.FlushAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
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
        if (utf8.ContainsAnyExcept(Plain))
        {
            EscapedText(utf8);
            return;
        }

        var room = Reserve(utf8.Length + 2);
        room[0] = (byte)'"';
        utf8.CopyTo(room[1..]);
        room[utf8.Length + 1] = (byte)'"';
        _used += utf8.Length + 2;
    }

    /// <summary>Writes labels as an object, names in order.</summary>
    public void Labels(LabelSet labels)
    {
        var first = true;
        Raw("{"u8);
        foreach (var label in labels)
        {
            if (!first)
            {
                Raw(","u8);
            }

            first = false;
            Text(label.Name);
            Raw(":"u8);
            Text(label.Value);
        }

        Raw("}"u8);
    }

    /// <summary>Writes <c>[seconds,"value"]</c>.</summary>
    public void Point(long timestampMs, double value)
    {
        var room = Reserve(GoFloat.MostBytes + 40);
        room[0] = (byte)'[';
        var at = 1 + FormatTime(timestampMs, room[1..]);
        room[at++] = (byte)',';
        room[at++] = (byte)'"';
        at += GoFloat.Format(value, room[at..]);
        room[at++] = (byte)'"';
        room[at++] = (byte)']';
        _used += at;
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
            Advance();
            _room = to.GetMemory(Math.Max(count, Room));
        }

        return _room.Span[_used..];
    }

    private void Advance()
    {
        if (_used > 0)
        {
            to.Advance(_used);
        }

        _used = 0;
        _room = default;
    }

    private void EscapedText(ReadOnlySpan<byte> utf8)
    {
        Raw("\""u8);
        while (!utf8.IsEmpty)
        {
            // The longest escape of one byte takes six.
            var part = utf8[..Math.Min(utf8.Length, Room / 8)];
            Encoder.EncodeUtf8(part, Reserve(part.Length * 6), out var read, out var written, isFinalBlock: part.Length == utf8.Length);
            _used += written;
            utf8 = utf8[read..];
        }

        Raw("\""u8);
    }
}
