using System.Text;

namespace Flyball.Step.Tail;

/// <summary>Makes readable, harmless text of the last bytes a program wrote.</summary>
internal static class TailText
{
    /// <summary>Most characters of a tail.</summary>
    public const int MostCharacters = 8192;

    /// <summary>Bytes to keep for it: more than are shown, so that a secret cut in two at the front is not shown by half.</summary>
    public const int RawBytes = 4 * MostCharacters;

    private const char Escape = '\u001b';

    /// <summary>The tail as text: no control sequences, no overwritten progress lines, no secrets, whole lines.</summary>
    public static string Render(TailBuffer tail, SecretMask mask)
    {
        var text = Encoding.UTF8.GetString(tail.ToArray());
        var cut = tail.Total > RawBytes;
        if (cut)
        {
            var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
            text = lineEnd >= 0 && lineEnd < text.Length / 2 ? text[(lineEnd + 1)..] : text[(text.Length / 2)..];
        }

        text = mask.Apply(Overwritten(WithoutControls(text)));
        return LastLines(text.TrimEnd());
    }

    private static string LastLines(string text)
    {
        if (text.Length <= MostCharacters)
        {
            return text;
        }

        var start = text.Length - MostCharacters;
        var lineEnd = text.IndexOf('\n', start);
        return lineEnd >= 0 && lineEnd < text.Length - 1 ? text[(lineEnd + 1)..] : text[start..];
    }

    // ESC [ … final byte (colours, cursor), ESC ] … BEL or ESC \ (titles, links), other two-character escapes; and control
    // characters that are neither line ends nor tabs.
    private static string WithoutControls(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\u0008') < 0 && text.AsSpan().IndexOfAnyInRange('\u000b', '\u001f') < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == Escape)
            {
                i = EndOfSequence(text, i);
            }
            else if (c >= ' ' || c is '\n' or '\t' or '\r')
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private static int EndOfSequence(string text, int start)
    {
        if (start + 1 >= text.Length)
        {
            return start;
        }

        switch (text[start + 1])
        {
            case '[':
                for (var i = start + 2; i < text.Length; i++)
                {
                    if (text[i] is >= '@' and <= '~')
                    {
                        return i;
                    }
                }

                return text.Length;
            case ']':
                for (var i = start + 2; i < text.Length; i++)
                {
                    if (text[i] == '\a')
                    {
                        return i;
                    }

                    if (text[i] == Escape)
                    {
                        return Math.Min(i + 1, text.Length);
                    }
                }

                return text.Length;
            default:
                return start + 1;
        }
    }

    // "10 %\r20 %\r30 %" is what a terminal shows as its last part.
    private static string Overwritten(string text)
    {
        if (!text.Contains('\r', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var line in text.Split('\n'))
        {
            var visible = line.AsSpan().TrimEnd('\r');
            var lastReturn = visible.LastIndexOf('\r');
            result.Append(visible[(lastReturn + 1)..]).Append('\n');
        }

        return result.ToString();
    }
}
