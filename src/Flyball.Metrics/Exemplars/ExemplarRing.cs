using Flyball.Metrics.Pages;
using Flyball.Metrics.Wal;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Exemplars;

/// <summary>The newest exemplars of all series together; older ones fall out.</summary>
/// <remarks>Thread-safe. An exemplar that is not newer than the newest of its series is left out, as in Prometheus.</remarks>
internal sealed class ExemplarRing(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LabelSet, Newest> _newest = [];

    // Grows up to the limit: most stores never see an exemplar.
    private (LabelSet Series, Exemplar Exemplar)[] _ring = [];
    private int _next;

    public int Count { get; private set; }

    /// <summary>Writes the exemplars of a batch that <see cref="Add(SampleBatch)"/> will take.</summary>
    public void WriteNew(SampleBatch batch, ByteWriter to)
    {
        foreach (var (series, exemplar) in batch.Exemplars)
        {
            if (limit > 0 && IsNew(batch.Labels(series), exemplar))
            {
                HeadLogFormat.WriteExemplar(batch.EncodedLabels(series), exemplar, to);
            }
        }
    }

    /// <summary>Writes all of them, oldest first, as a record of the log would say it.</summary>
    public void WriteAll(ByteWriter to)
    {
        lock (_gate)
        {
            for (var i = 0; i < Count; i++)
            {
                var (series, exemplar) = _ring[(_next - Count + i + limit) % limit];
                HeadLogFormat.WriteExemplar(series.Encoded, exemplar, to);
            }
        }
    }

    public void Add(SampleBatch batch)
    {
        foreach (var (series, exemplar) in batch.Exemplars)
        {
            Add(batch.Labels(series), exemplar);
        }
    }

    public void Add(LabelSet series, Exemplar exemplar)
    {
        if (limit == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!IsNewHere(series, exemplar))
            {
                return;
            }

            if (Count == limit)
            {
                Forget(_ring[_next].Series);
            }

            if (_next == _ring.Length)
            {
                Array.Resize(ref _ring, Math.Min(limit, Math.Max(64, _ring.Length * 2)));
            }

            var known = _newest.GetValueOrDefault(series);
            _newest[series] = new Newest(exemplar.Timestamp, known.Count + 1);
            _ring[_next] = (series, exemplar);
            _next = (_next + 1) % limit;
            Count = Math.Min(limit, Count + 1);
        }
    }

    /// <summary>Exemplars in a range of the series that one of the selectors accepts, per series, in order of time.</summary>
    public IReadOnlyList<(LabelSet Series, IReadOnlyList<Exemplar> Exemplars)> Select(
        TimeRange range, IReadOnlyList<IReadOnlyList<Matcher>> selectors)
    {
        var found = new SortedDictionary<LabelSet, List<Exemplar>>();
        var verdicts = new Dictionary<LabelSet, bool>();
        lock (_gate)
        {
            for (var i = 0; i < Count; i++)
            {
                var (series, exemplar) = _ring[(_next - Count + i + limit) % limit];
                if (!range.Contains(exemplar.Timestamp))
                {
                    continue;
                }

                if (!verdicts.TryGetValue(series, out var wanted))
                {
                    verdicts[series] = wanted = selectors.Any(s => Index.Matching.Accepts(s, series));
                }

                if (wanted)
                {
                    if (!found.TryGetValue(series, out var list))
                    {
                        found[series] = list = [];
                    }

                    list.Add(exemplar);
                }
            }
        }

        return [.. found.Select(f => (f.Key, (IReadOnlyList<Exemplar>)f.Value))];
    }

    private bool IsNew(LabelSet series, Exemplar exemplar)
    {
        lock (_gate)
        {
            return IsNewHere(series, exemplar);
        }
    }

    private bool IsNewHere(LabelSet series, Exemplar exemplar) =>
        !_newest.TryGetValue(series, out var newest) || exemplar.Timestamp > newest.At;

    private void Forget(LabelSet series)
    {
        var newest = _newest[series];
        if (newest.Count == 1)
        {
            _newest.Remove(series);
        }
        else
        {
            _newest[series] = newest with { Count = newest.Count - 1 };
        }
    }

    private readonly record struct Newest(TimestampMs At, int Count);
}
