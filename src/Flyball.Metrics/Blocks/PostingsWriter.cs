using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Blocks;

/// <summary>Collects which series carry which label pair, and writes it out in order.</summary>
internal sealed class PostingsWriter
{
    private readonly Dictionary<(int Name, int Value), List<int>> _series = [];

    public void Add(int nameSymbol, int valueSymbol, int series)
    {
        ref var list = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
            _series, (nameSymbol, valueSymbol), out _);
        (list ??= []).Add(series);
    }

    public void Write(ByteWriter names, ByteWriter pairs, ByteWriter postings)
    {
        var nameBefore = -1;
        var pair = 0u;
        foreach (var ((name, value), series) in _series.OrderBy(s => s.Key))
        {
            if (name != nameBefore)
            {
                names.WriteU32((uint)name);
                names.WriteU32(pair);
                nameBefore = name;
            }

            pairs.WriteU32((uint)value);
            pairs.WriteU32((uint)postings.Length);
            WriteList(series, postings);
            pair++;
        }
    }

    // Series are sorted by labels, so the same gap comes again and again: every metric of one target, every bucket of one histogram.
    private static void WriteList(List<int> series, ByteWriter to)
    {
        to.WriteUvarint((ulong)series.Count);
        var before = -1;
        for (var i = 0; i < series.Count;)
        {
            var gap = series[i] - before;
            var run = 1;
            while (i + run < series.Count && series[i + run] - series[i + run - 1] == gap)
            {
                run++;
            }

            to.WriteUvarint(((ulong)gap << 1) | (run > 1 ? 1UL : 0));
            if (run > 1)
            {
                to.WriteUvarint((ulong)(run - 2));
            }

            i += run;
            before = series[i - 1];
        }
    }
}
