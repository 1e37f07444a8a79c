using System.Collections;
using System.Globalization;

namespace Flyball.Templates.Values;

/// <summary>What Go's reflection knows about a value: its type's name, whether it is "true", how it prints.</summary>
/// <remarks>Values in templates are null, <see cref="bool"/>, <see cref="long"/> (int), <see cref="ulong"/> (uint),
/// <see cref="double"/> (float64), <see cref="string"/>, lists, dictionaries with string keys, and objects with members.</remarks>
internal static class GoValue
{
    /// <summary>The name Go has for the type of a value, as error messages and <c>%T</c> show it.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "float64",
        string => "string",
        SafeHtml => "template.HTML",
        ITemplateObject typed => typed.TypeName,
        TemplateVector => "template.queryResult",
        IReadOnlyDictionary<string, string> => "map[string]string",
        IReadOnlyDictionary<string, object?> => "map[string]interface {}",
        IReadOnlyList<string> => "[]string",
        IReadOnlyList<object?> => "[]interface {}",
        _ => value.GetType().Name,
    };

    /// <summary>Whether <c>if</c> takes the branch.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool b => b,
        long n => n != 0,
        ulong n => n != 0,
        double d => d != 0,
        string s => s.Length > 0,
        SafeHtml h => h.Value.Length > 0,
        IReadOnlyDictionary<string, string> map => map.Count > 0,
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        ITemplateObject => true,
        ICollection list => list.Count > 0,
        _ => true,
    };

    /// <summary>Reads a number from a number or a string.</summary>
    /// <exception cref="TemplateFunctionException">It is none.</exception>
    public static double ToFloat(object? value) => value switch
    {
        double d => d,
        long n => n,
        ulong n => n,
        string s => GoNumbers.TryParseFloat(s, out var parsed)
            ? parsed
            : throw new TemplateFunctionException($"strconv.ParseFloat: parsing {GoStrings.Quote(s)}: invalid syntax"),
        GoDuration duration => duration.Nanoseconds / 1e9,
        GoTime time => (time.Value - DateTimeOffset.UnixEpoch).Ticks / 1e7,
        _ => throw new TemplateFunctionException($"can't convert {TypeName(value)} to float"),
    };

    /// <summary>The text a value has in output: Go's <c>%v</c>.</summary>
    public static string Print(object? value) => value switch
    {
        null => "<nil>",
        string s => s,
        bool b => b ? "true" : "false",
        long n => n.ToString(CultureInfo.InvariantCulture),
        ulong n => n.ToString(CultureInfo.InvariantCulture),
        double d => GoNumbers.FormatG(d),
        ITemplateObject or SafeHtml => value.ToString() ?? "",
        IReadOnlyDictionary<string, string> map => PrintMap(map.Select(p => (p.Key, p.Value))),
        IReadOnlyDictionary<string, object?> map => PrintMap(map.Select(p => (p.Key, Print(p.Value)))),
        IEnumerable list => "[" + string.Join(' ', list.Cast<object?>().Select(Print)) + "]",
        _ => value.ToString() ?? "",
    };

    /// <summary>The elements of something that can be ranged over by index, or null.</summary>
    public static IReadOnlyList<object?>? AsList(object? value) => value switch
    {
        IReadOnlyList<object?> list => list,
        ITemplateObject or string => null,
        IReadOnlyDictionary<string, string> or IReadOnlyDictionary<string, object?> => null,
        IList list => [.. list.Cast<object?>()],
        _ => null,
    };

    /// <summary>The entries of a map by rising key, or null if it is none.</summary>
    public static IReadOnlyList<(string Key, object? Value)>? AsMap(object? value) => value switch
    {
        IReadOnlyDictionary<string, string> map =>
            [.. map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, (object?)p.Value))],
        IReadOnlyDictionary<string, object?> map =>
            [.. map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value))],
        _ => null,
    };

    /// <summary>A map as <c>%v</c> shows it.</summary>
    public static string PrintMap(IEnumerable<(string Key, string Value)> entries) =>
        "map[" + string.Join(' ', entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Key + ":" + e.Value)) + "]";
}
