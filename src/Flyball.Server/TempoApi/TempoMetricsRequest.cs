using System.Globalization;
using Flyball.Model.Time;
using Flyball.Traces.TraceQL;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.TempoApi;

/// <summary>Reads the parameters of Tempo's metrics queries (Tempo documentation, "HTTP API").</summary>
internal static class TempoMetricsRequest
{
    private const double NsThreshold = 1e12; // seconds never get there; nanoseconds of any recent year are far above

    private static readonly TimeSpan DefaultSince = TimeSpan.FromHours(1);

    private static readonly double[] NiceSteps = [3600, 300, 60, 15, 5, 1];

    /// <summary>The query with its range; its limit is the most series, 0 for all.</summary>
    /// <exception cref="TempoRequestException">A parameter is not valid.</exception>
    public static TraceQLSearch Read(IQueryCollection query, TimeProvider time)
    {
        var q = query["q"].ToString() is { Length: > 0 } given ? given : query["query"].ToString();
        var end = ReadTime("end", query["end"].ToString()) ?? time.GetUtcNow();
        var since = query["since"].ToString() is { Length: > 0 } text ? ReadDuration("since", text) : DefaultSince;
        var start = ReadTime("start", query["start"].ToString()) ?? end - since;
        if (start >= end)
        {
            throw new TempoRequestException("start must be before end");
        }

        var maxSeries = query["maxSeries"].ToString();
        return new TraceQLSearch(q)
        {
            From = TimestampNs.From(start),
            Until = TimestampNs.From(end),
            Limit = maxSeries.Length == 0 ? 0
                : int.TryParse(maxSeries, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most
                : throw new TempoRequestException($"maxSeries is \"{maxSeries}\": a number is expected"),
        };
    }

    /// <summary>The distance of the samples: as given, or about a 240th of the range, rounded to something nice.</summary>
    /// <exception cref="TempoRequestException">It is not a duration above 0.</exception>
    public static TimeSpan ReadStep(IQueryCollection query, TraceQLSearch search)
    {
        var text = query["step"].ToString();
        if (text.Length > 0)
        {
            var step = ReadDuration("step", text);
            return step > TimeSpan.Zero ? step : throw new TempoRequestException("step must be above 0");
        }

        var seconds = (search.Until.Value - search.From.Value) / 1e9 / 240;
        foreach (var nice in NiceSteps)
        {
            if (seconds >= nice)
            {
                return TimeSpan.FromSeconds(Math.Floor(seconds / nice) * nice);
            }
        }

        return seconds * 240 >= 60 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(Math.Max(50, Math.Floor(seconds * 1000 / 50) * 50));
    }

    private static DateTimeOffset? ReadTime(string name, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            var ticks = (double)number > NsThreshold ? number / 100 : number * TimeSpan.TicksPerSecond;
            return ticks < DateTimeOffset.MaxValue.Ticks / 2
                ? DateTimeOffset.UnixEpoch.AddTicks((long)ticks)
                : throw new TempoRequestException($"{name} is out of range");
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('T')
            ? time
            : throw new TempoRequestException($"{name} is \"{text}\": seconds, nanoseconds or RFC 3339 are expected");
    }

    private static TimeSpan ReadDuration(string name, string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e9)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        (double Number, string Unit)[] units = [(0.001, "ms"), (1, "s"), (60, "m"), (3600, "h"), (86400, "d")];
        foreach (var (factor, unit) in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * factor < 1e9)
            {
                return TimeSpan.FromSeconds(count * factor);
            }
        }

        throw new TempoRequestException($"{name} is \"{text}\": seconds or a duration like 30s or 5m are expected");
    }
}
