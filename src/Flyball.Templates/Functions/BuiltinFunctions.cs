using System.Net;
using System.Text;
using Flyball.Templates.Values;

namespace Flyball.Templates.Functions;

/// <summary>The functions Go's text/template brings along.</summary>
internal static class BuiltinFunctions
{
    public static readonly Dictionary<string, TemplateFunction> All = new()
    {
        // The interpreter evaluates these two itself, to stop at the operand that decides.
        ["and"] = Any(1, c => c[c.Count - 1]),
        ["or"] = Any(1, c => c[c.Count - 1]),
        ["not"] = new(1, 1, c => !GoValue.IsTrue(c[0])),
        ["len"] = new(1, 1, c => Length(c)),
        ["index"] = Any(1, Index),
        ["slice"] = Any(1, Slice),
        ["print"] = Any(0, c => GoFormat.Print(c.Arguments)),
        ["println"] = Any(0, c => string.Join(' ', c.Arguments.Select(GoValue.Print)) + "\n"),
        ["printf"] = Any(1, c => GoFormat.Format(c.Text(0), [.. c.Arguments.Skip(1)])),
        ["html"] = Any(0, c => EscapeHtml(Joined(c))),
        ["js"] = Any(0, c => EscapeJavaScript(Joined(c))),
        ["urlquery"] = Any(0, c => EscapeQuery(Joined(c))),
        ["call"] = Any(1, c => throw new TemplateFunctionException($"non-function of type {GoValue.TypeName(c[0])}")),
        ["eq"] = Any(2, c => Enumerable.Range(1, c.Count - 1).Any(i => Comparison.AreEqual(c[0], c[i]))),
        ["ne"] = new(2, 2, c => !Comparison.AreEqual(c[0], c[1])),
        ["lt"] = new(2, 2, c => Comparison.IsLess(c[0], c[1])),
        ["le"] = new(2, 2, c => Comparison.IsLess(c[0], c[1]) || Comparison.AreEqual(c[0], c[1])),
        ["gt"] = new(2, 2, c => !(Comparison.IsLess(c[0], c[1]) || Comparison.AreEqual(c[0], c[1]))),
        ["ge"] = new(2, 2, c => !Comparison.IsLess(c[0], c[1])),
    };

    /// <summary>Looks a key up; an absent one gives the zero value of the map's elements.</summary>
    public static bool TryLookup(object map, string key, out object? value)
    {
        if (map is IReadOnlyDictionary<string, string> texts)
        {
            var found = texts.TryGetValue(key, out var text);
            value = text ?? "";
            return found;
        }

        return ((IReadOnlyDictionary<string, object?>)map).TryGetValue(key, out value);
    }

    /// <summary>Escapes a query parameter as Go's url.QueryEscape does.</summary>
    public static string EscapeQuery(string text) => WebUtility.UrlEncode(text)
        .Replace("!", "%21", StringComparison.Ordinal).Replace("*", "%2A", StringComparison.Ordinal)
        .Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal)
        .Replace("%7E", "~", StringComparison.Ordinal);

    private static TemplateFunction Any(int atLeast, TemplateFunctionBody body) => new(atLeast, int.MaxValue, body);

    private static string Joined(TemplateCall call) =>
        call is { Count: 1 } && call[0] is string single ? single : GoFormat.Print(call.Arguments);

    private static long Length(TemplateCall call) => call[0] switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        IReadOnlyDictionary<string, string> map => map.Count,
        IReadOnlyDictionary<string, object?> map => map.Count,
        null => throw new TemplateFunctionException("len of nil pointer"),
        var value => GoValue.AsList(value) is { } list ? list.Count
            : throw new TemplateFunctionException($"len of type {GoValue.TypeName(value)}"),
    };

    private static object? Index(TemplateCall call)
    {
        var item = call[0] ?? throw new TemplateFunctionException("index of untyped nil");
        for (var i = 1; i < call.Count; i++)
        {
            item = Index(item, call[i]) is var next && i < call.Count - 1
                ? next ?? throw new TemplateFunctionException("index of nil pointer")
                : next;
        }

        return item;
    }

    private static object? Index(object? item, object? key)
    {
        switch (item)
        {
            case IReadOnlyDictionary<string, string> or IReadOnlyDictionary<string, object?>:
                var name = key as string
                    ?? throw new TemplateFunctionException($"value has type {GoValue.TypeName(key)}; should be string");
                TryLookup(item, name, out var value);
                return value;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                return (long)bytes[Position(key, bytes.Length)];
            default:
                return GoValue.AsList(item) is { } list
                    ? list[Position(key, list.Count)]
                    : throw new TemplateFunctionException($"can't index item of type {GoValue.TypeName(item)}");
        }
    }

    private static int Position(object? key, int count)
    {
        var index = key switch
        {
            long n => n,
            ulong n => (long)Math.Min(n, long.MaxValue),
            null => throw new TemplateFunctionException("cannot index slice/array with nil"),
            _ => throw new TemplateFunctionException($"cannot index slice/array with type {GoValue.TypeName(key)}"),
        };
        return index < 0 || index >= count
            ? throw new TemplateFunctionException($"index out of range: {index}")
            : (int)index;
    }

    private static object Slice(TemplateCall call)
    {
        if (call.Count > 4)
        {
            throw new TemplateFunctionException($"too many slice indexes: {call.Count - 1}");
        }

        var bytes = call[0] is string text ? Encoding.UTF8.GetBytes(text) : null;
        var list = bytes is null ? GoValue.AsList(call[0]) : null;
        var count = bytes?.Length ?? list?.Count
            ?? throw new TemplateFunctionException(call[0] is null ? "slice of untyped nil" : $"can't slice item of type {GoValue.TypeName(call[0])}");
        var from = call.Count > 1 ? Position(call[1], count + 1) : 0;
        var until = call.Count > 2 ? Position(call[2], count + 1) : count;
        if (from > until)
        {
            throw new TemplateFunctionException($"invalid slice index: {from} > {until}");
        }

        return bytes is not null ? Encoding.UTF8.GetString(bytes, from, until - from) : list!.Skip(from).Take(until - from).ToArray();
    }

    private static string EscapeHtml(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\0' => escaped.Append('\uFFFD'),
                '"' => escaped.Append("&#34;"),
                '\'' => escaped.Append("&#39;"),
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }

    private static string EscapeJavaScript(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' => escaped.Append(@"\\"),
                '\'' => escaped.Append(@"\'"),
                '"' => escaped.Append("\\\""),
                '<' => escaped.Append(@"\u003C"),
                '>' => escaped.Append(@"\u003E"),
                '&' => escaped.Append(@"\u0026"),
                '=' => escaped.Append(@"\u003D"),
                < ' ' => escaped.Append(@"\u").Append(((int)c).ToString("X4")),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }
}
