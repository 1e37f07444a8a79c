using System.Globalization;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Flyball.Server.PrometheusApi;

/// <summary>Parameters of a call: from the query string, and from the form body of a POST, which come first.</summary>
/// <remarks>Prometheus documentation, "HTTP API".</remarks>
internal sealed class ApiRequest
{
    // Grafana sends these for "no bound"; they lie outside what milliseconds of a DateTimeOffset can say.
    private const string EarliestText = "-292273086-05-16T16:47:06Z";
    private const string LatestText = "+292277025-08-18T07:12:54.999999999Z";
    private static readonly TimestampMs Earliest = new(long.MinValue / 1_000_000), Latest = new(long.MaxValue / 1_000_000);

    private readonly IQueryCollection _query;
    private readonly IFormCollection? _form;

    private ApiRequest(IQueryCollection query, IFormCollection? form)
    {
        _query = query;
        _form = form;
    }

    /// <summary>Reads the parameters of a call.</summary>
    /// <exception cref="ApiException">The form body cannot be read.</exception>
    public static async ValueTask<ApiRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(request.Method) || !request.HasFormContentType)
        {
            return new ApiRequest(request.Query, form: null);
        }

        try
        {
            return new ApiRequest(request.Query, await request.ReadFormAsync(cancellationToken));
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            throw ApiException.BadData($"error parsing form values: {e.Message}");
        }
    }

    /// <summary>The first value of a parameter, or null when it is absent or empty.</summary>
    public string? Text(string name)
    {
        var values = Texts(name);
        return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
    }

    /// <summary>All values of a parameter.</summary>
    public StringValues Texts(string name)
    {
        StringValues form = default;
        _form?.TryGetValue(name, out form);
        return StringValues.Concat(form, _query[name]);
    }

    /// <summary>A point in time, or the default when absent.</summary>
    /// <exception cref="ApiException">It is neither RFC 3339 nor seconds.</exception>
    public TimestampMs Time(string name, TimestampMs otherwise) =>
        Text(name) is not { } text ? otherwise : ParseTime(text) ?? throw Invalid(name, $"cannot parse \"{text}\" to a valid timestamp");

    /// <summary>A point in time that must be given.</summary>
    /// <exception cref="ApiException">It is missing or no time.</exception>
    public TimestampMs RequiredTime(string name)
    {
        var text = Text(name) ?? "";
        return ParseTime(text) ?? throw Invalid(name, $"cannot parse \"{text}\" to a valid timestamp");
    }

    /// <summary>A length of time, or null when absent.</summary>
    /// <exception cref="ApiException">It is neither seconds nor a duration.</exception>
    public DurationMs? Duration(string name) => Text(name) is { } text ? ParseDuration(name, text) : null;

    /// <summary>A length of time that must be given.</summary>
    /// <exception cref="ApiException">It is missing or no duration.</exception>
    public DurationMs RequiredDuration(string name) => ParseDuration(name, Text(name) ?? "");

    /// <summary>A number of results; 0 = no limit.</summary>
    /// <exception cref="ApiException">It is no whole number or negative.</exception>
    public int Limit(string name = "limit")
    {
        if (Text(name) is not { } text)
        {
            return 0;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            throw Invalid(name, $"cannot parse \"{text}\" to an integer");
        }

        return value < 0 ? throw Invalid(name, "limit must be non-negative") : (int)Math.Min(value, int.MaxValue);
    }

    /// <summary>A boolean as Go writes them; absent is false.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public bool Flag(string name) => Text(name) switch
    {
        null or "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        var other => throw Invalid(name, $"cannot parse \"{other}\" to a boolean"),
    };

    /// <summary>One of some words; the first when absent.</summary>
    /// <exception cref="ApiException">It is another word.</exception>
    public string Choice(string name, params ReadOnlySpan<string> words)
    {
        var text = Text(name) ?? words[0];
        return words.Contains(text) ? text : throw Invalid(name, $"\"{text}\" is none of {string.Join(", ", words!)}");
    }

    /// <summary>The error for a parameter that cannot be used.</summary>
    public static ApiException Invalid(string name, string cause) => ApiException.BadData($"invalid parameter \"{name}\": {cause}");

    internal static TimestampMs? ParseTime(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            var ms = Math.Round(seconds * 1000, MidpointRounding.AwayFromZero);
            return double.IsNaN(ms) || Math.Abs(ms) > long.MaxValue / 2.0 ? null : new TimestampMs((long)ms);
        }

        return text switch
        {
            EarliestText => Earliest,
            LatestText => Latest,
            _ => ParseRfc3339(text),
        };
    }

    private static TimestampMs? ParseRfc3339(string text)
    {
        // The framework reads at most seven digits of a second's fraction; RFC 3339 allows any number.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            text = string.Concat(text.AsSpan(0, Math.Min(end, dot + 8)), text.AsSpan(end));
        }

        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? TimestampMs.From(time)
            : null;
    }

    private static DurationMs ParseDuration(string name, string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            var ms = seconds * 1000;
            return double.IsNaN(ms) || Math.Abs(ms) > long.MaxValue / 1_000_000.0
                ? throw Invalid(name, $"cannot parse \"{text}\" to a valid duration. It overflows int64")
                : new DurationMs((long)ms);
        }

        return DurationText.TryParse(text, out var duration)
            ? duration
            : throw Invalid(name, $"cannot parse \"{text}\" to a valid duration");
    }
}
