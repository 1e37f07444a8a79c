using System.Text;

namespace Flyball.Templates.Functions;

/// <summary>Functions on plain text.</summary>
internal static class TextFunctions
{
    /// <summary>Go's strings.Title: upper case for a letter after anything that is no letter, digit or underscore.</summary>
    public static string Title(string text)
    {
        var titled = new StringBuilder(text.Length);
        var afterSeparator = true;
        foreach (var c in text)
        {
            titled.Append(afterSeparator ? char.ToUpperInvariant(c) : c);
            afterSeparator = c < 0x80 ? !char.IsAsciiLetterOrDigit(c) && c != '_' : char.IsWhiteSpace(c);
        }

        return titled.ToString();
    }
}
