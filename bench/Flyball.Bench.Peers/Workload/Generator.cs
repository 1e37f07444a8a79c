namespace Flyball.Bench.Peers.Workload;

/// <summary>Walks all series round by round; who listens gets every sample in order of time, series by series.</summary>
internal sealed class Generator
{
    /// <summary>Bits of the staleness marker. Prometheus, "model/value".</summary>
    public static readonly double StaleMarker = BitConverter.Int64BitsToDouble(0x7ff0_0000_0000_0002);

    private readonly WorkloadOptions _options;
    private readonly SeriesSlot[] _slots;

    public Generator(WorkloadOptions options)
    {
        _options = options;
        var machines = options.Profile switch { Profile.Node => 1.0, Profile.Ci => 0.0, _ => 0.8 };
        var slots = new List<SeriesSlot>(options.Series);
        Fill(slots, (int)(options.Series * machines), NodeFamilies.All, n => new MachinePlan(n, options));
        Fill(slots, slots.Count + ((options.Series - slots.Count) / 2), CiFamilies.LongLived, n => new PipelinePlan(n, options));
        Fill(slots, options.Series, CiFamilies.PerPod, n => new PodPlan(n, options));
        _slots = [.. slots];
    }

    public int Count => _slots.Length;

    /// <summary>Makes one round.</summary>
    public void Round(int round, Action<int, byte[], long, double> sample)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = _slots[i];
            var at = slot.Target.ScrapedAt(round);
            var value = slot.Step(round, at, ((ulong)_options.Seed << 32) + (ulong)i, out var ended);
            if (ended is not null)
            {
                sample(i, ended, at, StaleMarker);
            }

            sample(i, slot.Labels, at, value);
        }
    }

    private static void Fill(List<SeriesSlot> slots, int until, Family[] families, Func<int, TargetPlan> plan)
    {
        for (var number = 0; slots.Count < until; number++)
        {
            var target = plan(number);
            foreach (var family in families)
            {
                for (var i = 0; i < family.Count && slots.Count < until; i++)
                {
                    slots.Add(new SeriesSlot(family, i, target));
                }
            }
        }
    }
}
