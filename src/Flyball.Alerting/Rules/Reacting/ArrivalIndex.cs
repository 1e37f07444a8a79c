using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Reacting;

/// <summary>Knows which reactive groups read which metrics. Immutable; asked for every batch that is written.</summary>
/// <remarks>Names are compared by hash only: a collision costs one evaluation too many, never one too few.</remarks>
internal sealed class ArrivalIndex
{
    public static readonly ArrivalIndex Empty = new([]);

    private readonly Dictionary<ulong, RuleGroupLoop[]> _byName = [];
    private readonly RuleGroupLoop[] _readEverything;
    private readonly int _groups;

    public ArrivalIndex(IEnumerable<RuleGroupLoop> loops)
    {
        var reactive = loops.Where(l => l.Group.Config.Reactive is not null).ToArray();
        _groups = reactive.Length;
        _readEverything = [.. reactive.Where(l => ReadsOf(l).Contains(null))];
        foreach (var names in reactive.Except(_readEverything)
            .SelectMany(l => ReadsOf(l).Distinct().Select(name => (Hash: HashOf(name!), Loop: l)))
            .GroupBy(p => p.Hash, p => p.Loop))
        {
            _byName[names.Key] = [.. names.Distinct()];
        }
    }

    /// <summary>Tells the groups that read a metric of the batch.</summary>
    public void Appended(SampleBatch batch, TimestampNs at)
    {
        if (_groups == 0 || batch.SeriesCount == 0)
        {
            return;
        }

        Tell(_readEverything, at, except: null);
        if (_byName.Count == 0)
        {
            return;
        }

        // Series of one metric usually follow one another: the name of the one before saves the look-up.
        var previous = ReadOnlySpan<byte>.Empty;
        for (var i = 0; i < batch.SeriesCount; i++)
        {
            var name = MetricNameOf(batch.EncodedLabels(i));
            if (name.SequenceEqual(previous))
            {
                continue;
            }

            previous = name;
            if (_byName.TryGetValue(LabelSet.HashOf(name), out var readers))
            {
                Tell(readers, at, except: null);
            }
        }
    }

    /// <summary>Tells the groups that read one of the metrics.</summary>
    /// <param name="except">A group that is not told: the one that wrote them.</param>
    public void Changed(IEnumerable<string> names, TimestampNs at, RuleGroupLoop? except)
    {
        if (_groups == 0)
        {
            return;
        }

        Tell(_readEverything, at, except);
        foreach (var name in names)
        {
            if (_byName.TryGetValue(HashOf(name), out var readers))
            {
                Tell(readers, at, except);
            }
        }
    }

    private static void Tell(RuleGroupLoop[] loops, TimestampNs at, RuleGroupLoop? except)
    {
        foreach (var loop in loops)
        {
            if (loop != except)
            {
                loop.Arrived(at);
            }
        }
    }

    // Null stands for a selector that may match any name.
    private static IEnumerable<string?> ReadsOf(RuleGroupLoop loop) =>
        loop.Group.Config.Rules.SelectMany(r => r.Expression.Selectors).SelectMany(s => s.MetricNames ?? (IEnumerable<string?>)[null]);

    private static ReadOnlySpan<byte> MetricNameOf(ReadOnlySpan<byte> encoded)
    {
        foreach (var label in new EncodedLabels(encoded))
        {
            if (label.Name.SequenceEqual("__name__"u8))
            {
                return label.Value;
            }
        }

        return default;
    }

    private static ulong HashOf(string name) => LabelSet.HashOf(Encoding.UTF8.GetBytes(name));

    private readonly ref struct EncodedLabels(ReadOnlySpan<byte> encoded)
    {
        private readonly ReadOnlySpan<byte> _encoded = encoded;

        public LabelSet.Enumerator GetEnumerator() => new(_encoded);
    }
}
