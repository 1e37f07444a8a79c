using System.Globalization;
using System.Text;

namespace Flyball.Server.PrometheusApi;

/// <summary>Names that travel through places where only letters fit: <c>U__my_2e_name</c> is <c>my.name</c>. Prometheus documentation, "HTTP API".</summary>
internal static class EscapedName
{
    /// <summary>Undoes the escaping; a name that is not properly escaped is returned as it is.</summary>
    public static string Decode(string escaped)
    {
        var text = new StringBuilder();
        for (var i = "U__".Length; i < escaped.Length; i++)
        {
            if (escaped[i] != '_')
            {
                text.Append(escaped[i]);
                continue;
            }

            if (i + 1 < escaped.Length && escaped[i + 1] == '_')
            {
                text.Append('_');
                i++;
                continue;
            }

            var end = escaped.IndexOf('_', i + 1);
            if (end < 0 || !int.TryParse(escaped.AsSpan(i + 1, end - i - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune)
                || !Rune.IsValid(rune))
            {
                return escaped;
            }

            text.Append(new Rune(rune).ToString());
            i = end;
        }

        return text.ToString();
    }
}
