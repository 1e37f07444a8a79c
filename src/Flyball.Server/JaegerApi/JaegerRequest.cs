using System.Globalization;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.Jaeger;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.JaegerApi;

/// <summary>Reads the parameters of Jaeger's query API (Prometheus documentation, "HTTP API").</summary>
internal static class JaegerRequest
{
    private static readonly TimeSpan DefaultRange = TimeSpan.FromDays(2);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads a search for traces.</summary>
    /// <exception cref="JaegerRequestException">A parameter is missing or not valid.</exception>
    public static JaegerSearch ReadSearch(IQueryCollection query, TimeProvider time)
    {
        var until = ReadMicroseconds(query, "end") ?? TimestampNs.Now(time).Value;
        var from = ReadMicroseconds(query, "start") ?? until - Math.Min(until, Nanoseconds(DefaultRange));
        var least = ReadDuration(query, "minDuration");
        var most = ReadDuration(query, "maxDuration");
        if (most < least)
        {
            throw new JaegerRequestException("maxDuration is less than minDuration");
        }

        return new JaegerSearch(ReadService(query))
        {
            Operation = query["operation"].ToString() is { Length: > 0 } operation ? operation : null,
            Tags = [.. ReadTags(query)],
            From = new TimestampNs(from),
            Until = new TimestampNs(until),
            MinDuration = least,
            MaxDuration = most,
            Limit = ReadLimit(query),
        };
    }

    /// <summary>Reads the service, which must be there.</summary>
    /// <exception cref="JaegerRequestException">It is not.</exception>
    public static string ReadService(IQueryCollection query) =>
        query["service"].ToString() is { Length: > 0 } service ? service : throw new JaegerRequestException("parameter 'service' is required");

    /// <summary>Reads the kind of spans, if one is given.</summary>
    public static string? ReadKind(IQueryCollection query) => query["spanKind"].ToString() is { Length: > 0 } kind ? kind.ToLowerInvariant() : null;

    /// <summary>Reads a trace id.</summary>
    /// <exception cref="JaegerRequestException">It is none.</exception>
    public static TraceId ReadId(string text) =>
        TraceId.TryParse(text, out var id) ? id : throw new JaegerRequestException($"\"{text}\" is no trace id: 1 to 32 hex digits are expected");

    /// <summary>Reads <c>endTs</c> and <c>lookback</c>, both in milliseconds.</summary>
    /// <exception cref="JaegerRequestException">One is missing or no number.</exception>
    public static (TimestampNs From, TimestampNs Until) ReadLookback(IQueryCollection query, TimeProvider time)
    {
        var until = ReadNumber(query, "endTs") is { } end ? end * 1_000_000 : TimestampNs.Now(time).Value;
        var lookback = ReadNumber(query, "lookback") is { } ms ? ms * 1_000_000 : Nanoseconds(DefaultRange);
        return (new TimestampNs(until - Math.Min(until, lookback)), new TimestampNs(until));
    }

    /// <summary>The same JSON for people.</summary>
    public static ReadOnlyMemory<byte> Indent(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.SerializeToUtf8Bytes(document.RootElement, Indented);
    }

    private static int ReadLimit(IQueryCollection query)
    {
        const int Default = 100;
        var limit = ReadNumber(query, "limit");
        return limit is null ? Default : limit is > 0 and <= int.MaxValue ? (int)limit
            : throw new JaegerRequestException("parameter 'limit' must be above 0");
    }

    // tag=key:value, any number of times, and tags={"key":"value"}.
    private static IEnumerable<KeyValuePair<string, string>> ReadTags(IQueryCollection query)
    {
        foreach (var tag in query["tag"])
        {
            var colon = tag!.IndexOf(':', StringComparison.Ordinal);
            yield return colon > 0 ? new(tag[..colon], tag[(colon + 1)..])
                : throw new JaegerRequestException($"tag \"{tag}\": key:value is expected");
        }

        foreach (var text in query["tags"])
        {
            foreach (var (key, value) in ParseTags(text!))
            {
                yield return new(key, value);
            }
        }
    }

    private static Dictionary<string, string> ParseTags(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? [];
        }
        catch (JsonException e)
        {
            throw new JaegerRequestException($"parameter 'tags' is no JSON object of strings: {e.Message}");
        }
    }

    private static ulong? ReadMicroseconds(IQueryCollection query, string name) =>
        ReadNumber(query, name) is { } us ? us <= ulong.MaxValue / 1000 ? us * 1000 : ulong.MaxValue : null;

    private static ulong? ReadNumber(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? null
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1UL << 56 ? number
            : throw new JaegerRequestException($"parameter '{name}' is \"{text}\": a whole number is expected");
    }

    private static TimeSpan? ReadDuration(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? null
            : GoDuration.TryParse(text, out var duration) ? duration
            : throw new JaegerRequestException($"parameter '{name}' is \"{text}\": a duration like 1.5s or 200ms is expected");
    }

    private static ulong Nanoseconds(TimeSpan span) => (ulong)span.Ticks * 100;
}

/// <summary>A parameter of a request is missing or not valid.</summary>
internal sealed class JaegerRequestException(string message) : Exception(message);
