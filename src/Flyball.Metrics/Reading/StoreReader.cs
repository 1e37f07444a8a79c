using System.Buffers;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Downsampling;
using Flyball.Metrics.Head;
using Flyball.Metrics.Index;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Reading;

/// <summary>Opens heads and blocks for readers, all as of one moment.</summary>
internal sealed class StoreReader
{
    private const int MostRetries = 1000;

    private readonly Lock _gate;
    private readonly HeadSet _heads;
    private readonly BlockSet _blocks;
    private readonly IReadOnlyList<SummarySet> _summaries;

    /// <summary>A reader of everything there is.</summary>
    /// <param name="summaries">Coarsest first.</param>
    public StoreReader(Lock gate, HeadSet heads, BlockSet blocks, IReadOnlyList<SummarySet> summaries)
    {
        _summaries = summaries;
        _gate = gate;
        _heads = heads;
        _blocks = blocks;
    }

    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        using var plan = SummaryPlan.Of(query, _summaries, OldestRaw());
        if (plan is null)
        {
            return new MergedSelection(OpenParts(query.Range, query.Matchers, cancellationToken), query.SeriesLimit);
        }

        // Summaries that turn out to be damaged are set aside: the next plan does without them.
        return TryOpenPlanned(plan, query, cancellationToken) ?? Select(query, cancellationToken);
    }

    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        if (query.Matchers.Count == 0)
        {
            VisitIndexes(query.Range, index => names.UnionWith(index.Names.Select(n => Encoding.UTF8.GetString(n.Name))));
            return [.. names];
        }

        Visit(query, labels =>
        {
            foreach (var label in labels)
            {
                names.Add(label.NameText);
            }
        }, cancellationToken);
        return [.. names];
    }

    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        if (query.Matchers.Count == 0)
        {
            var name = Encoding.UTF8.GetBytes(labelName);
            VisitIndexes(query.Range, index => AddAll(index.Find(name), values));
            return [.. values];
        }

        Visit(query, labels =>
        {
            var value = labels[labelName];
            if (value.Length > 0)
            {
                values.Add(value);
            }
        }, cancellationToken);
        return [.. values];
    }

    private MergedSelection? TryOpenPlanned(SummaryPlan plan, SeriesQuery query, CancellationToken cancellationToken)
    {
        var parts = new List<ISeriesPart>();
        var raw = new HashSet<ISeriesPart>();
        var stretches = plan.Take();
        var opened = 0;
        try
        {
            for (; opened < stretches.Count; opened++)
            {
                var (block, set, range) = stretches[opened];
                if (block is not null)
                {
                    parts.Add(BlockSelection.Open(block, range, query.Matchers, set!.SetAside, cancellationToken));
                    continue;
                }

                var some = OpenParts(range, query.Matchers, cancellationToken);
                parts.AddRange(some);
                raw.UnionWith(some);
            }

            return new MergedSelection([.. parts], query.SeriesLimit)
            {
                Notes = plan.Notes,
                Counted = plan.Kind == SummaryKind.Count ? raw : null,
            };
        }
        catch (Exception e)
        {
            // The selection that threw has let go of its block itself.
            stretches.Skip(opened + 1).ToList().ForEach(s => s.Block?.LetGo());
            parts.ForEach(p => p.Dispose());
            if (e is not (DamagedFileException or InvalidDataException) || opened == stretches.Count || stretches[opened].Block is not { } damaged)
            {
                throw;
            }

            stretches[opened].Set!.SetAside(damaged, e as IOException ?? new DamagedFileException(damaged.Path, 0, e.Message, e));
            return null;
        }
    }

    private long OldestRaw()
    {
        lock (_gate)
        {
            return _heads.Readable.Select(h => h.StartMs).Concat(_blocks.All.Select(b => b.Facts.StartMs)).DefaultIfEmpty(long.MaxValue).Min();
        }
    }

    private static void AddAll(ILabelValues? values, SortedSet<string> to)
    {
        for (var value = 0; value < (values?.Count ?? 0); value++)
        {
            to.Add(Encoding.UTF8.GetString(values!.Text(value)));
        }
    }

    // Without matchers the indexes say it all: what a head or block of the range holds counts, as in Prometheus.
    private void VisitIndexes(TimeRange range, Action<ILabelIndex> visit)
    {
        List<ILabelIndex> heads;
        List<Block> blocks;
        lock (_gate)
        {
            heads = [.. _heads.Readable.Where(h => h.OldestMs <= range.Last.Value && h.NewestMs >= range.First.Value).Select(h => h.Index)];
            blocks = [.. _blocks.HoldAll(), .. _summaries.SelectMany(s => s.Of(SummaryKind.Last).HoldAll())];
        }

        heads.ForEach(visit);
        foreach (var block in blocks)
        {
            try
            {
                if (block.Facts.OldestMs <= range.Last.Value && block.Facts.NewestMs >= range.First.Value)
                {
                    visit(block.Index);
                }
            }
            catch (DamagedFileException e)
            {
                _blocks.SetAside(block, e);
            }
            finally
            {
                block.LetGo();
            }
        }
    }

    private void Visit(SeriesQuery query, Action<LabelSet> visit, CancellationToken cancellationToken)
    {
        using var selection = Select(query, cancellationToken);
        for (var i = 0; i < selection.Count; i++)
        {
            visit(selection.Labels(i));
        }
    }

    // 1. Note under the gate which heads there are and how many series each has. 2. Match without the gate: regular
    // expressions over many values take their time. 3. Capture the matching series under the gate, and with them those
    // that came meanwhile: one moment for everything, so every batch is seen whole or not at all.
    private ISeriesPart[] OpenParts(TimeRange range, IReadOnlyList<Matcher> matchers, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostRetries; attempt++)
        {
            HeadPart[] heads;
            int[] seriesCounts;
            long version;
            lock (_gate)
            {
                heads = [.. _heads.Readable.Where(h => h.StartMs <= range.Last.Value && h.UntilMs > range.First.Value)];
                seriesCounts = [.. heads.Select(h => h.Series.Count)];
                version = _heads.Version;
            }

            var matched = new SeriesBits[heads.Length];
            try
            {
                for (var i = 0; i < heads.Length; i++)
                {
                    matched[i] = Matching.Find(heads[i].Index, seriesCounts[i], matchers, cancellationToken);
                }

                if (TryCapture(heads, seriesCounts, matched, version, range, matchers) is { } captured)
                {
                    return OpenBlocks(captured.Heads, captured.Blocks, range, matchers, cancellationToken);
                }
            }
            finally
            {
                foreach (var bits in matched)
                {
                    bits?.Dispose();
                }
            }
        }

        throw new InvalidOperationException("the heads of the store changed at every one of a thousand attempts to read them");
    }

    private (List<HeadSelection> Heads, List<Block> Blocks)? TryCapture(
        HeadPart[] heads, int[] seriesCounts, SeriesBits[] matched, long version, TimeRange range, IReadOnlyList<Matcher> matchers)
    {
        var captured = new (HeadPart Head, CapturedSeries Series, int Era)[heads.Length];
        List<Block> blocks;
        lock (_gate)
        {
            if (version != _heads.Version)
            {
                return null;
            }

            for (var i = 0; i < heads.Length; i++)
            {
                captured[i] = (heads[i], Capture(heads[i], seriesCounts[i], matched[i], range, matchers), heads[i].Enter());
            }

            // In the same moment: a head that becomes a block is seen as the one or the other, never as both or neither.
            blocks = _blocks.HoldAll();
        }

        return ([.. captured.Select(c => Open(c.Head, c.Series, c.Era, range))], blocks);
    }

    // Takes over both: whatever happens, each is in the result or let go of.
    private ISeriesPart[] OpenBlocks(
        List<HeadSelection> heads, List<Block> blocks, TimeRange range, IReadOnlyList<Matcher> matchers, CancellationToken cancellationToken)
    {
        var parts = new List<ISeriesPart>();
        var opened = 0;
        try
        {
            for (; opened < blocks.Count; opened++)
            {
                if (TryOpen(blocks[opened], range, matchers, cancellationToken) is { } part)
                {
                    parts.Add(part);
                }
            }

            return [.. parts, .. heads];
        }
        catch
        {
            // The selection that threw has let go of its block itself.
            blocks.Skip(opened + 1).ToList().ForEach(b => b.LetGo());
            parts.ForEach(p => p.Dispose());
            heads.ForEach(h => h.Dispose());
            throw;
        }
    }

    private BlockSelection? TryOpen(Block block, TimeRange range, IReadOnlyList<Matcher> matchers, CancellationToken cancellationToken)
    {
        if (block.Facts.OldestMs > range.Last.Value || block.Facts.NewestMs < range.First.Value)
        {
            block.LetGo();
            return null;
        }

        try
        {
            return BlockSelection.Open(block, range, matchers, _blocks.SetAside, cancellationToken);
        }
        catch (Exception e) when (e is DamagedFileException or InvalidDataException)
        {
            _blocks.SetAside(block, e as IOException ?? new DamagedFileException(block.Path, 0, e.Message, e));
            return null;
        }
    }

    private static CapturedSeries Capture(
        HeadPart head, int knownSeries, SeriesBits matched, TimeRange range, IReadOnlyList<Matcher> matchers)
    {
        var captured = new CapturedSeries(matched.Count());
        foreach (var series in matched)
        {
            if (head.MayHold(series, range))
            {
                captured.Add(head.Capture(series));
            }
        }

        for (var series = knownSeries; series < head.Series.Count; series++)
        {
            if (head.MayHold(series, range) && Matching.Accepts(matchers, LabelSet.FromEncoded(head.Series.Labels(series))))
            {
                captured.Add(head.Capture(series));
            }
        }

        return captured;
    }

    private HeadSelection Open(HeadPart head, CapturedSeries captured, int era, TimeRange range)
    {
        head.Order.Sort(captured.Views.AsSpan(0, captured.Count));
        return new HeadSelection(head, captured.Views, captured.Count, range, () =>
        {
            lock (_gate)
            {
                head.Leave(era);
            }
        });
    }

    /// <summary>Series as they were at one moment, in memory of the pool.</summary>
    private sealed class CapturedSeries(int expected)
    {
        public HeadSeriesView[] Views { get; private set; } = ArrayPool<HeadSeriesView>.Shared.Rent(expected + 16);

        public int Count { get; private set; }

        public void Add(HeadSeriesView view)
        {
            if (Count == Views.Length)
            {
                var larger = ArrayPool<HeadSeriesView>.Shared.Rent(Count * 2);
                Views.CopyTo(larger, 0);
                ArrayPool<HeadSeriesView>.Shared.Return(Views);
                Views = larger;
            }

            Views[Count++] = view;
        }
    }
}
