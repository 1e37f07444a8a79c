using System.Globalization;
using Flyball.Model.Time;
using Flyball.Traces.TraceQL;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.TempoApi;

/// <summary>Reads the parameters of Tempo's search (Tempo documentation, "HTTP API").</summary>
internal static class TempoRequest
{
    private const int DefaultLimit = 20;
    private const int DefaultSpansPerSpanset = 3;
    private const int MostValues = 1000;

    /// <summary>Reads a search by <c>q</c> or by <c>tags</c>.</summary>
    /// <exception cref="TempoRequestException">A parameter is not valid.</exception>
    public static TraceQLSearch ReadSearch(IQueryCollection query)
    {
        var q = query["q"].ToString();
        var tags = query["tags"].ToString();
        if (q.Length > 0 && tags.Length > 0)
        {
            throw new TempoRequestException("q and tags exclude each other");
        }

        if (q.Length == 0)
        {
            q = TagsQuery.Translate(tags, query["minDuration"].ToString(), query["maxDuration"].ToString());
        }

        return ReadWindow(query) with
        {
            Query = q,
            Limit = ReadCount(query, "limit", DefaultLimit),
            SpansPerSpanset = ReadCount(query, "spss", DefaultSpansPerSpanset),
        };
    }

    /// <summary>Reads <c>start</c>, <c>end</c> and <c>limit</c>; no window is everything.</summary>
    /// <exception cref="TempoRequestException">A parameter is not valid.</exception>
    public static TraceQLSearch ReadWindow(IQueryCollection query)
    {
        var search = new TraceQLSearch("{}") { Limit = ReadCount(query, "limit", MostValues) };
        var start = query["start"].ToString();
        var end = query["end"].ToString();
        if ((start is "" or "0") && (end is "" or "0"))
        {
            return search;
        }

        if (start.Length == 0 || end.Length == 0)
        {
            throw new TempoRequestException("start and end are given together or not at all");
        }

        var from = ReadSeconds("start", start);
        var until = ReadSeconds("end", end);
        return from < until
            ? search with { From = new TimestampNs(from), Until = new TimestampNs(until) }
            : throw new TempoRequestException("start must be before end");
    }

    /// <summary>Reads a number that may be left out; zero is allowed.</summary>
    /// <exception cref="TempoRequestException">It is no such number.</exception>
    public static int? ReadOptionalCount(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
            : throw new TempoRequestException($"{name} is \"{text}\": a number is expected");
    }

    private static ulong ReadSeconds(string name, string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 18_000_000_000
            ? (ulong)(seconds * 1_000_000_000)
            : throw new TempoRequestException($"{name} is \"{text}\": seconds since 1970 are expected");

    private static int ReadCount(IQueryCollection query, string name, int standard)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? standard
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count
            : throw new TempoRequestException($"{name} is \"{text}\": a number above 0 is expected");
    }
}

/// <summary>A parameter of a request is not valid.</summary>
internal sealed class TempoRequestException(string message) : Exception(message);
