using System.Globalization;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Questions;

/// <summary>What a question's parameters were given.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>Reads them.</summary>
    /// <param name="given">The text of a parameter by its name; "" when it is not given.</param>
    /// <param name="error">What is wrong and what would be right; "" if nothing is.</param>
    public static bool TryRead(IEnumerable<Parameter> parameters, Func<string, string> given, out Arguments arguments, out string error)
    {
        arguments = new Arguments();
        error = "";
        foreach (var parameter in parameters)
        {
            var text = given(parameter.Name) is { Length: > 0 } said ? said : parameter.Default;
            if (text.Length == 0)
            {
                continue;
            }

            if (Read(parameter.Kind, text) is not { } value)
            {
                error = $"{parameter.Name} is \"{text}\"; give {Wanted(parameter.Kind)}";
                return false;
            }

            arguments._values[parameter.Name] = value;
        }

        return true;
    }

    /// <summary>A word; "" if it was not given.</summary>
    public string Word(string name) => _values.GetValueOrDefault(name) as string ?? "";

    /// <summary>A length of time in seconds; null if it was not given.</summary>
    public double? Seconds(string name) => _values.GetValueOrDefault(name) is DurationMs duration ? duration.ToSeconds() : null;

    /// <summary>A count; it has to have a default.</summary>
    public int Count(string name) => (int)_values[name];

    /// <summary>A number; it has to have a default.</summary>
    public double Number(string name) => (double)_values[name];

    /// <summary>A run id; null if it was not given.</summary>
    public TraceId? Run(string name) => _values.GetValueOrDefault(name) is TraceId id ? id : null;

    /// <summary>Whether something was asked for.</summary>
    public bool Is(string name) => _values.GetValueOrDefault(name) is true;

    private static object? Read(ParameterKind kind, string text) => kind switch
    {
        ParameterKind.Word => text,
        ParameterKind.Duration => DurationText.TryParse(text, out var duration) ? duration : null,
        ParameterKind.Count => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1000 ? count : null,
        ParameterKind.Number => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null,
        ParameterKind.Run => TraceId.TryParse(text, out var id) ? id : null,
        _ => bool.TryParse(text, out var yes) ? yes : null,
    };

    private static string Wanted(ParameterKind kind) => kind switch
    {
        ParameterKind.Duration => "a length of time like 90s, 10m or 1h30m",
        ParameterKind.Count => "a number from 1 to 1000",
        ParameterKind.Number => "a number that is not negative",
        ParameterKind.Run => "a run id: 32 hex digits, as /api/flyball/runs lists them",
        _ => "true or false",
    };
}
