using Flyball.Model.Labels;

namespace Flyball.Model.Samples;

/// <summary>Several sources read as one: a store and the virtual series beside it.</summary>
/// <remarks>Series come in label order over all sources; a series that several have holds the samples of all of them, and where two
/// have one time the first source counts. Safe from many threads.</remarks>
public sealed class CompositeSeriesSource(params IReadOnlyList<ISeriesSource> sources) : ISeriesSource
{
    /// <inheritdoc />
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var opened = new List<ISeriesSelection>(sources.Count);
        try
        {
            foreach (var source in sources)
            {
                opened.Add(source.Select(query, cancellationToken));
            }

            // Nearly every query is about one source only: then nothing stands between it and the reader.
            var filled = opened.FindAll(s => s.Count > 0);
            if (filled.Count <= 1)
            {
                opened.Where(s => s.Count == 0).Skip(filled.Count == 0 ? 1 : 0).ToList().ForEach(s => s.Dispose());
                return filled.Count == 1 ? filled[0] : opened[0];
            }

            if (query.Hints?.KeptLabels is not null)
            {
                // Merging recognises a series by all its labels.
                opened.ForEach(s => s.Dispose());
                opened.Clear();
                return Select(query with { Hints = query.Hints with { KeptLabels = null } }, cancellationToken);
            }

            var merged = new MergedSelection(opened);
            return query.SeriesLimit > 0 && merged.Count > query.SeriesLimit
                ? throw new SeriesLimitException(query.SeriesLimit)
                : merged;
        }
        catch
        {
            opened.ForEach(s => s.Dispose());
            throw;
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) =>
        Union(sources.Select(s => s.LabelNames(query, cancellationToken)));

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        Union(sources.Select(s => s.LabelValues(labelName, query, cancellationToken)));

    private static List<string> Union(IEnumerable<IReadOnlyList<string>> lists)
    {
        var filled = lists.Where(l => l.Count > 0).ToArray();
        return filled.Length == 1
            ? [.. filled[0]]
            : [.. filled.SelectMany(l => l).Distinct(StringComparer.Ordinal).Order(Utf8Order.Instance)];
    }

    private sealed class MergedSelection : ISeriesSelection
    {
        private readonly List<ISeriesSelection> _parts;
        private readonly List<(LabelSet Labels, List<(int Part, int Index)> Places)> _series = [];

        public MergedSelection(List<ISeriesSelection> parts)
        {
            _parts = parts;
            var next = new int[parts.Count];
            while (true)
            {
                LabelSet? least = null;
                for (var p = 0; p < parts.Count; p++)
                {
                    if (next[p] < parts[p].Count && (least is null || parts[p].Labels(next[p]).CompareTo(least) < 0))
                    {
                        least = parts[p].Labels(next[p]);
                    }
                }

                if (least is null)
                {
                    return;
                }

                var places = new List<(int, int)>(1);
                for (var p = 0; p < parts.Count; p++)
                {
                    if (next[p] < parts[p].Count && parts[p].Labels(next[p]).Equals(least))
                    {
                        places.Add((p, next[p]++));
                    }
                }

                _series.Add((least, places));
            }
        }

        public int Count => _series.Count;

        public IReadOnlyList<string> Notes => [.. _parts.SelectMany(p => p.Notes)];

        public LabelSet Labels(int index) => _series[index].Labels;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            var places = _series[index].Places;
            if (places.Count == 1)
            {
                _parts[places[0].Part].Read(places[0].Index, destination, cancellationToken);
                return;
            }

            var columns = new List<SampleColumns>(places.Count);
            try
            {
                foreach (var (part, at) in places)
                {
                    columns.Add(new SampleColumns());
                    _parts[part].Read(at, columns[^1], cancellationToken);
                }

                if (columns.Exists(c => c.AreCounts))
                {
                    // What one source has summarised and the other not: then counts are what they have in common.
                    columns.FindAll(c => !c.AreCounts).ForEach(c => c.TurnIntoCounts(0));
                }

                columns.ForEach(c => destination.NotePages(c.PagesRead));
                Merge(columns, destination);
                if (columns[0].AreCounts)
                {
                    destination.TurnIntoCounts(destination.Count);
                }
            }
            finally
            {
                columns.ForEach(c => c.Dispose());
            }
        }

        public void Dispose() => _parts.ForEach(p => p.Dispose());

        private static void Merge(List<SampleColumns> columns, SampleColumns destination)
        {
            var next = new int[columns.Count];
            while (true)
            {
                var first = -1;
                for (var c = 0; c < columns.Count; c++)
                {
                    if (next[c] < columns[c].Count
                        && (first < 0 || columns[c].TimestampsMs[next[c]] < columns[first].TimestampsMs[next[first]]))
                    {
                        first = c;
                    }
                }

                if (first < 0)
                {
                    return;
                }

                var time = columns[first].TimestampsMs[next[first]];
                Copy(columns[first], next[first], destination);
                for (var c = 0; c < columns.Count; c++)
                {
                    next[c] += next[c] < columns[c].Count && columns[c].TimestampsMs[next[c]] == time ? 1 : 0;
                }
            }
        }

        private static void Copy(SampleColumns from, int index, SampleColumns to)
        {
            var start = from.StartTimestampsMs.IsEmpty ? 0 : from.StartTimestampsMs[index];
            if (from.HasHistograms && from.Histograms[index] is { } histogram)
            {
                to.Add(from.TimestampsMs[index], histogram, start);
            }
            else
            {
                to.Add(from.TimestampsMs[index], from.Values[index], start);
            }
        }
    }

    // UTF-16 order differs from byte order beyond the basic plane, and Prometheus sorts bytes.
    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) =>
            System.Text.Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y ?? ""));
    }
}
