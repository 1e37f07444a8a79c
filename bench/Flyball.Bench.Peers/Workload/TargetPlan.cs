namespace Flyball.Bench.Peers.Workload;

/// <summary>What is scraped together: a machine, a pipeline with its service, or a place for pods.</summary>
internal abstract class TargetPlan(int number, WorkloadOptions options)
{
    private const int OddScrapes = 20;

    protected int Number => number;

    /// <summary>When this target is scraped in a round: its own place in the interval, now and then some milliseconds off.</summary>
    public long ScrapedAt(int round)
    {
        var place = (long)(Hash(number, -1) % (ulong)options.IntervalMs);
        var odd = Hash(number, round);
        var jitter = odd % OddScrapes == 0 ? (long)(odd / OddScrapes % 30) : 0;
        // The place lies in the interval before the round's moment, so that nothing is later than the end of the history.
        return options.StartMs + (round * options.IntervalMs) - Math.Max(0, place - jitter);
    }

    /// <summary>Which of the series that follow one another lives in a round; always 0 where nothing comes and goes.</summary>
    public virtual int GenerationAt(int round) => 0;

    public abstract IEnumerable<(string Name, string Value)> LabelsOf(int generation);

    protected ulong Hash(int a, int b)
    {
        var x = ((ulong)(uint)a << 32 | (uint)b) + ((ulong)options.Seed * 0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 33)) * 0xff51_afd7_ed55_8ccd;
        x = (x ^ (x >> 33)) * 0xc4ce_b9fe_1a85_ec53;
        return x ^ (x >> 33);
    }
}

/// <summary>A machine.</summary>
internal sealed class MachinePlan(int number, WorkloadOptions options) : TargetPlan(number, options)
{
    public override IEnumerable<(string Name, string Value)> LabelsOf(int generation) =>
    [
        ("instance", $"10.{Number / 65536}.{Number / 256 % 256}.{Number % 256}:9100"),
        ("job", "node"),
        ("datacenter", $"dc{Number % 4}"),
        ("cluster", "production"),
    ];
}

/// <summary>A pipeline and its service.</summary>
internal sealed class PipelinePlan(int number, WorkloadOptions options) : TargetPlan(number, options)
{
    public override IEnumerable<(string Name, string Value)> LabelsOf(int generation) =>
    [
        ("job", "ci"),
        ("pipeline", $"pipeline-{Number:D4}"),
        ("service", $"service-{Number % 50}"),
        ("instance", $"ci-{Number}:8080"),
    ];
}

/// <summary>A place where one pod runs after another, each for 10 to 20 minutes.</summary>
internal sealed class PodPlan(int number, WorkloadOptions options) : TargetPlan(number, options)
{
    private readonly int _lifetime = (int)Math.Max(2, TimeSpan.FromMinutes(10 + (number % 11)) / options.Interval);

    public override int GenerationAt(int round) => (round + (Number % _lifetime)) / _lifetime;

    public override IEnumerable<(string Name, string Value)> LabelsOf(int generation) =>
    [
        ("job", "pods"),
        ("namespace", $"team-{Number % 12}"),
        ("pipeline", $"pipeline-{Number % 200:D4}"),
        ("pod", $"build-{Number}-{Hash(Number, generation) % 0xFFFFF:x5}"),
        ("container", "step"),
    ];
}
