using System.Diagnostics.Metrics;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL.Planning;

namespace Flyball.PromQL.Caching;

/// <summary>Answers to range queries, kept so that a dashboard that asks again costs only its new steps. Safe from many threads.</summary>
/// <remarks>
/// <code>
/// kept       |----------------------|            steps known
/// changed                     ^                  earliest sample that came or went since: steps before it are still true
/// asked          |---------------------------|
/// answer         |-----kept---|----computed--|
/// </code>
/// Only queries whose every step follows from samples up to it, and answers without annotations. Decision 0220.
/// </remarks>
public sealed class RangeResultCache
{
    private static readonly Meter Meter = new("Flyball.PromQL");
    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("flyball_query_cache_requests_total", description: "Range queries, by what the cache knew of them.");

    private static readonly UpDownCounter<long> BytesKept =
        Meter.CreateUpDownCounter<long>("flyball_query_cache_bytes", description: "Bytes of answers kept.");

    private readonly PromQLEngine _engine;
    private readonly ITrackedSeriesSource _changes;
    private readonly long _mostBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<AnswerKey, LinkedListNode<(AnswerKey Key, KeptAnswer Answer)>> _byKey = [];
    private readonly LinkedList<(AnswerKey Key, KeptAnswer Answer)> _byUse = [];

    /// <summary>Makes a cache.</summary>
    /// <param name="engine">Computes what is not known.</param>
    /// <param name="changes">Says what has changed; must know of every sample the queried sources can yield.</param>
    /// <param name="mostBytes">Answers used longest ago are forgotten beyond this.</param>
    public RangeResultCache(PromQLEngine engine, ITrackedSeriesSource changes, long mostBytes)
    {
        (_engine, _changes, _mostBytes) = (engine, changes, mostBytes);
    }

    /// <summary>Bytes of the answers kept, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>Evaluates a query at every step from start to end, as the engine does, or remembers.</summary>
    /// <exception cref="PromQLQueryException">It failed, took too long or was cancelled.</exception>
    public async ValueTask<QueryResult> QueryRangeAsync(
        ISeriesSource source,
        PromQLExpression expression,
        TimestampMs start,
        TimestampMs end,
        DurationMs step,
        QueryLimits limits,
        CancellationToken cancellationToken)
    {
        if (expression.Kind != ValueKind.Vector || end < start || !Stepwise.Holds(expression.Root))
        {
            Count("bypass");
            return await _engine.QueryRangeAsync(source, expression, start, end, step, limits, cancellationToken);
        }

        var lookback = (long)(limits.LookbackDelta ?? _engine.Options.LookbackDelta).TotalMilliseconds;
        var key = new AnswerKey(expression.Text, step.Value, ((start.Value % step.Value) + step.Value) % step.Value, lookback);
        var last = start.Value + ((end.Value - start.Value) / step.Value * step.Value);

        // The mark is older than everything read from here on: what changes meanwhile will count as changed.
        var mark = _changes.Mark();
        var kept = Find(key);
        var known = kept is null ? long.MinValue : KnownUntil(kept, step.Value);
        if (kept is null || kept.StartMs > start.Value || known < start.Value)
        {
            Count("miss");
            var whole = await _engine.QueryRangeAsync(source, expression, start, end, step, limits, cancellationToken);
            Keep(key, new KeptAnswer(start.Value, last, mark, whole.Series), whole);
            return whole;
        }

        if (known >= last)
        {
            Count("hit");
            return Answer(kept.Cut(start.Value, last), new QueryStatistics(0, 0, 0, TimeSpan.Zero));
        }

        Count("partial");
        var fresh = await _engine.QueryRangeAsync(
            source, expression, new TimestampMs(known + step.Value), end, step, limits, cancellationToken);
        var joined = KeptAnswer.Join(kept.Cut(start.Value, known), fresh.Series);
        Keep(key, new KeptAnswer(start.Value, last, mark, joined), fresh);
        return new QueryResult
        {
            Kind = ValueKind.Matrix,
            Series = joined,
            Warnings = fresh.Warnings,
            Infos = fresh.Infos,
            Statistics = fresh.Statistics,
        };
    }

    private static QueryResult Answer(List<ResultSeries> series, QueryStatistics statistics) =>
        new() { Kind = ValueKind.Matrix, Series = series, Statistics = statistics };

    private static void Count(string outcome) => Requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>The last step that no change has reached.</summary>
    private long KnownUntil(KeptAnswer kept, long stepMs)
    {
        var changed = _changes.ChangedSince(kept.Mark).Value;
        if (changed > kept.EndMs)
        {
            return kept.EndMs;
        }

        if (changed <= kept.StartMs)
        {
            return long.MinValue;
        }

        // A step sees samples up to its own time, so one at the very time of the change has to be computed again.
        return kept.StartMs + ((changed - 1 - kept.StartMs) / stepMs * stepMs);
    }

    private KeptAnswer? Find(AnswerKey key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Answer;
        }
    }

    private void Keep(AnswerKey key, KeptAnswer answer, QueryResult result)
    {
        // Annotations belong to steps nobody could name afterwards; a large answer would push out all others.
        var fits = result.Warnings.Count + result.Infos.Count == 0 && answer.Bytes <= _mostBytes / 4;
        lock (_lock)
        {
            var before = Bytes;
            if (_byKey.Remove(key, out var old))
            {
                _byUse.Remove(old);
                Bytes -= old.Value.Answer.Bytes;
            }

            if (fits)
            {
                _byKey.Add(key, _byUse.AddLast((key, answer)));
                Bytes += answer.Bytes;
            }

            while (Bytes > _mostBytes)
            {
                var oldest = _byUse.First!;
                _byUse.RemoveFirst();
                _byKey.Remove(oldest.Value.Key);
                Bytes -= oldest.Value.Answer.Bytes;
            }

            BytesKept.Add(Bytes - before);
        }
    }
}
