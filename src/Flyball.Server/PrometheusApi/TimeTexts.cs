using System.Runtime.CompilerServices;

namespace Flyball.Server.PrometheusApi;

/// <summary>The beginnings of points, <c>[1795174200.5,"</c>, of the times that were asked for lately: all series of an answer share theirs.</summary>
/// <remarks>One per thread. A place is found by a hash; two times that share one take turns.</remarks>
internal sealed class TimeTexts
{
    /// <summary>Bytes that are written, whatever the length of the text; the longest has 28.</summary>
    public const int Size = 32;

    // As many as a graph has points, and few enough to stay in the nearest cache.
    private const int PlaceBits = 9;

    [ThreadStatic]
    private static TimeTexts? _ofThisThread;

    private readonly long[] _times = new long[1 << PlaceBits];
    private readonly byte[] _lengths = new byte[1 << PlaceBits];
    private readonly Text[] _texts = new Text[1 << PlaceBits];

    /// <summary>Those of this thread; not to be kept.</summary>
    public static TimeTexts OfThisThread => _ofThisThread ??= new TimeTexts();

    /// <summary>Writes the beginning of a point, and bytes without meaning behind it.</summary>
    /// <param name="to">At least <see cref="Size"/> long.</param>
    public void CopyTo(long timestampMs, Span<byte> to, out int length)
    {
        var place = (int)(((ulong)timestampMs * 0x9e37_79b9_7f4a_7c15) >> (64 - PlaceBits));
        if (_times[place] != timestampMs || _lengths[place] == 0)
        {
            Format(timestampMs, place);
        }

        ((ReadOnlySpan<byte>)_texts[place])[..Size].CopyTo(to);
        length = _lengths[place];
    }

    private void Format(long timestampMs, int place)
    {
        Span<byte> text = _texts[place];
        text[0] = (byte)'[';
        var at = 1 + AnswerWriter.FormatTime(timestampMs, text[1..]);
        text[at++] = (byte)',';
        text[at++] = (byte)'"';
        _lengths[place] = (byte)at;
        _times[place] = timestampMs;
    }

    [InlineArray(Size)]
    private struct Text
    {
        private byte _first;
    }
}
