using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Api;

/// <summary>In which order a request lists runs: when they began, how long they took or how long they waited; docs/api.md, "Runs".</summary>
/// <remarks>Every order is "greatest key first": what shall stand first has the greatest key, what has no value the key 0 and stands last.</remarks>
internal sealed class RunOrder
{
    private readonly TimestampNs _now;
    private readonly string _by;
    private readonly bool _rising;

    private RunOrder(string by, bool rising, TimestampNs now)
    {
        _now = now;
        _by = by;
        _rising = rising;
    }

    /// <summary>The parameters it reads.</summary>
    public static IEnumerable<string> Names => ["sort", "order"];

    /// <summary>Reads <c>sort</c> and <c>order</c>.</summary>
    /// <param name="error">What is wrong and what would be right; "" if nothing is.</param>
    public static bool TryRead(IQueryCollection query, TimestampNs now, out RunOrder order, out string error)
    {
        var (by, direction) = (query["sort"].ToString(), query["order"].ToString());
        order = new RunOrder(by, direction == "asc", now);
        error = by is not ("" or "began" or "duration" or "queue")
            ? $"sort is \"{by}\"; it is one of began, duration, queue"
            : direction is not ("" or "desc" or "asc") ? $"order is \"{direction}\"; it is desc or asc" : "";
        return error.Length == 0;
    }

    /// <summary>The runs of one page with their keys.</summary>
    /// <param name="before">Key and id of the last run of the page before; null for the first.</param>
    public (ulong Key, TraceId Id)[] Page(RunRows rows, Func<RunRow, bool> accepts, (ulong, TraceId)? before, int count)
    {
        bool IsAsked(RunRow row) => (before is null || (KeyOf(row), row.TraceId).CompareTo(before.Value) < 0) && accepts(row);

        // The newest are found without looking at the rest; any other order has to see every run once.
        if (_by is "" or "began" && !_rising)
        {
            return [.. rows.NewestFirst().Where(IsAsked).Take(count).Select(r => (KeyOf(r), r.TraceId))];
        }

        var greatest = new PriorityQueue<TraceId, (ulong Key, TraceId)>();
        foreach (var row in rows.Around(0, ulong.MaxValue).Where(IsAsked))
        {
            greatest.Enqueue(row.TraceId, (KeyOf(row), row.TraceId));
            if (greatest.Count > count)
            {
                greatest.Dequeue();
            }
        }

        return [.. greatest.UnorderedItems.OrderByDescending(i => i.Priority).Select(i => (i.Priority.Key, i.Element))];
    }

    private ulong KeyOf(RunRow row) => ValueOf(row) is not { } value ? 0 : _rising ? ulong.MaxValue - value : value;

    // Nanoseconds; at least 1, since 0 is "no value". What still goes on counts with its time so far.
    private ulong? ValueOf(RunRow row) => _by switch
    {
        "duration" => Between(row.Course.StartedAt, row.Course.FinishedAt ?? (row.Course.Result is null ? _now : null)),
        "queue" => Between(row.Course.CreatedAt, row.Course.StartedAt ?? (row.Course.FinishedAt is null && row.Course.Result is null ? _now : null)),
        _ => row.Begin,
    };

    private static ulong? Between(TimestampNs? from, TimestampNs? until) =>
        from is { } start && until is { } end ? Math.Max(1, end > start ? end.Value - start.Value : 0) : null;
}
