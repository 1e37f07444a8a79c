using Flyball.Model.Labels;

namespace Flyball.Server.PrometheusApi;

/// <summary>Labels as JSON objects. Series come in label order, so most of the text of the one before is that of the next.</summary>
/// <remarks>
/// <code>
/// before   __name__ cpu instance mode=idle        the labels that are the same, byte for byte, keep their text;
/// now      __name__ cpu instance mode=user        the rest is written again
/// </code>
/// Not thread-safe.
/// </remarks>
internal sealed class LabelTexts
{
    private readonly List<(int Encoded, int Text)> _ends = [];
    private byte[] _encoded = new byte[256];
    private byte[] _text = new byte[512];
    private int _encodedLength;

    /// <summary>The object's text; it dies at the next call.</summary>
    /// <param name="encoded">Canonical bytes.</param>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> encoded)
    {
        var same = encoded.CommonPrefixLength(_encoded.AsSpan(0, _encodedLength));
        var kept = _ends.Count;
        while (kept > 0 && _ends[kept - 1].Encoded > same)
        {
            kept--;
        }

        _ends.RemoveRange(kept, _ends.Count - kept);
        var (from, at) = kept > 0 ? _ends[^1] : (0, 1);
        // Punctuation is five bytes for a label, and its lengths take two at least.
        Ensure(at + JsonText.MostOf(encoded.Length - from) + 8, encoded.Length);
        encoded[from..].CopyTo(_encoded.AsSpan(from));
        _encodedLength = encoded.Length;
        _text[0] = (byte)'{';
        for (var walk = new LabelSet.Enumerator(encoded[from..]); walk.MoveNext();)
        {
            if (_ends.Count > 0)
            {
                _text[at++] = (byte)',';
            }

            at = Quote(walk.Current.Name, at);
            _text[at++] = (byte)':';
            at = Quote(walk.Current.Value, at);
            _ends.Add((encoded.Length - walk.Left, at));
        }

        _text[at] = (byte)'}';
        return _text.AsSpan(0, at + 1);
    }

    private int Quote(ReadOnlySpan<byte> utf8, int at)
    {
        _text[at++] = (byte)'"';
        at += JsonText.Escape(utf8, _text.AsSpan(at), isFinal: true, out _);
        _text[at++] = (byte)'"';
        return at;
    }

    private void Ensure(int text, int encoded)
    {
        if (_text.Length < text)
        {
            Array.Resize(ref _text, Math.Max(text, _text.Length * 2));
        }

        if (_encoded.Length < encoded)
        {
            Array.Resize(ref _encoded, Math.Max(encoded, _encoded.Length * 2));
        }
    }
}
