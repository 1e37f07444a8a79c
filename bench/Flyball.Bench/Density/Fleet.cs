using Flyball.Model.Labels;

namespace Flyball.Bench.Density;

/// <summary>Made-up targets whose series behave like those of real ones: most stand still, few are noisy, times jitter by milliseconds.</summary>
internal sealed class Fleet
{
    private const int IntervalMs = 15_000;

    private readonly List<Line> _lines = [];
    private readonly int _samples;
    private readonly int _seed;

    private Fleet(int samples, int seed)
    {
        _samples = samples;
        _seed = seed;
    }

    /// <summary>Hosts with a node exporter: about 330 series each.</summary>
    public static Fleet OfHosts(int hosts, int samples)
    {
        var fleet = new Fleet(samples, 1);
        for (var host = 0; host < hosts; host++)
        {
            fleet.AddHost($"10.2.{host / 250}.{host % 250}:9100", host);
        }

        return fleet.Sorted();
    }

    /// <summary>Runners of a CI system: about 210 series each, many of them histogram buckets that move when a job ends.</summary>
    public static Fleet OfRunners(int runners, int samples)
    {
        var fleet = new Fleet(samples, 2);
        for (var runner = 0; runner < runners; runner++)
        {
            fleet.AddRunner($"runner-{runner:D3}.ci.example:9252", runner);
        }

        return fleet.Sorted();
    }

    public IReadOnlyList<Line> Lines => _lines;

    private Fleet Sorted()
    {
        _lines.Sort((a, b) => a.Labels.CompareTo(b.Labels));
        return this;
    }

    private void AddHost(string instance, int number)
    {
        var times = Times(number, jitterMs: 3);
        void Add(string family, Func<Random, IEnumerable<double>> make, params (string, string)[] labels) =>
            this.Add(family, instance, "node", times, make, labels);

        for (var cpu = 0; cpu < 8; cpu++)
        {
            var c = cpu.ToString();
            Add("node_cpu_seconds_total", r => Noise.Counter(r, 13.2, 1.1, 0.01), ("cpu", c), ("mode", "idle"));
            Add("node_cpu_seconds_total", r => Noise.Counter(r, 1.1, 0.6, 0.01), ("cpu", c), ("mode", "user"));
            Add("node_cpu_seconds_total", r => Noise.Counter(r, 0.5, 0.2, 0.01), ("cpu", c), ("mode", "system"));
            Add("node_cpu_seconds_total", r => Noise.Rare(r, 0.3, 3, 0.01), ("cpu", c), ("mode", "iowait"));
            Add("node_cpu_seconds_total", r => Noise.Rare(r, 0.15, 2, 0.01), ("cpu", c), ("mode", "softirq"));
            Add("node_cpu_seconds_total", _ => Noise.Still(0), ("cpu", c), ("mode", "irq"));
            Add("node_cpu_seconds_total", _ => Noise.Still(0), ("cpu", c), ("mode", "nice"));
            Add("node_cpu_seconds_total", r => Noise.Rare(r, 0.02, 2, 0.01), ("cpu", c), ("mode", "steal"));
            Add("node_cpu_guest_seconds_total", _ => Noise.Still(0), ("cpu", c), ("mode", "user"));
            Add("node_cpu_scaling_frequency_hertz", r => Noise.Walk(r, 2.4e9, 2e7, 1e3), ("cpu", c));
        }

        foreach (var device in new[] { "eth0", "eth1", "lo", "docker0" })
        {
            Add("node_network_receive_bytes_total", r => Noise.Bursts(r, 90_000, 1.2), ("device", device));
            Add("node_network_transmit_bytes_total", r => Noise.Bursts(r, 60_000, 1.2), ("device", device));
            Add("node_network_receive_packets_total", r => Noise.Bursts(r, 300, 0.8), ("device", device));
            Add("node_network_transmit_packets_total", r => Noise.Bursts(r, 250, 0.8), ("device", device));
            foreach (var quiet in new[] { "receive_errs", "receive_drop", "receive_fifo", "receive_frame", "transmit_errs", "transmit_drop", "transmit_colls", "transmit_carrier" })
            {
                Add($"node_network_{quiet}_total", r => quiet == "receive_drop" ? Noise.Rare(r, 0.05, 1, 1) : Noise.Still(0), ("device", device));
            }

            Add("node_network_mtu_bytes", _ => Noise.Still(1500), ("device", device));
            Add("node_network_up", _ => Noise.Still(1), ("device", device));
        }

        foreach (var device in new[] { "nvme0n1", "sda", "dm-0" })
        {
            Add("node_disk_io_time_seconds_total", r => Noise.Counter(r, 0.4, 0.5, 0.001), ("device", device));
            Add("node_disk_read_bytes_total", r => Noise.Rare(r, 0.3, 40, 4096), ("device", device));
            Add("node_disk_written_bytes_total", r => Noise.BurstsOf(r, 80, 1.0, 4096), ("device", device));
            Add("node_disk_reads_completed_total", r => Noise.Rare(r, 0.3, 8, 1), ("device", device));
            Add("node_disk_writes_completed_total", r => Noise.Bursts(r, 120, 0.7), ("device", device));
            Add("node_disk_io_now", r => Noise.Levels(r, 0, 2, 0.1), ("device", device));
        }

        for (var mount = 0; mount < 8; mount++)
        {
            var m = ("mountpoint", "/var/lib/volume-" + mount);
            Add("node_filesystem_size_bytes", _ => Noise.Still(107_361_579_008), m);
            Add("node_filesystem_avail_bytes", r => mount < 3 ? Noise.Drift(r, 8e10, -40_000, 4096) : Noise.Still(5e10), m);
            Add("node_filesystem_free_bytes", r => mount < 3 ? Noise.Drift(r, 8e10, -40_000, 4096) : Noise.Still(5e10), m);
            Add("node_filesystem_files", _ => Noise.Still(6_553_600), m);
            Add("node_filesystem_files_free", r => mount < 3 ? Noise.Walk(r, 6e6, 4, 1) : Noise.Still(5e6), m);
            Add("node_filesystem_readonly", _ => Noise.Still(0), m);
        }

        foreach (var (name, step) in new[] { ("MemFree", 3e7), ("MemAvailable", 2e7), ("Cached", 4e6), ("Active", 6e6), ("AnonPages", 5e6), ("Dirty", 4e5), ("Slab", 2e5), ("PageTables", 1e5), ("Committed_AS", 2e7) })
        {
            Add($"node_memory_{name}_bytes", r => Noise.Walk(r, 8e9, step, 4096));
        }

        foreach (var name in new[] { "MemTotal", "SwapTotal", "SwapFree", "HugePages_Total", "Hugepagesize", "VmallocTotal", "CommitLimit", "Mlocked", "HardwareCorrupted", "Unevictable" })
        {
            Add($"node_memory_{name}_bytes", r => Noise.Still(r.Next(0, 1 << 20) * 4096.0));
        }

        Add("node_load1", r => Noise.Mean(r, 2, 0.15, 0.01));
        Add("node_load5", r => Noise.Mean(r, 2, 0.05, 0.01));
        Add("node_load15", r => Noise.Mean(r, 2, 0.02, 0.01));
        Add("node_context_switches_total", r => Noise.Counter(r, 180_000, 20_000, 1));
        Add("node_intr_total", r => Noise.Counter(r, 90_000, 9_000, 1));
        Add("node_forks_total", r => Noise.Counter(r, 40, 20, 1));
        Add("node_procs_running", r => Noise.Levels(r, 2, 3, 0.6));
        Add("node_boot_time_seconds", _ => Noise.Still(1_760_000_123));
        Add("node_time_seconds", r => Noise.Counter(r, 15, 0.002, 0.000001));
        Add("node_entropy_available_bits", _ => Noise.Still(256));
        Add("node_sockstat_TCP_inuse", r => Noise.Levels(r, 40, 6, 0.4));
        Add("node_sockstat_TCP_tw", r => Noise.Levels(r, 30, 20, 0.7));
        Add("node_netstat_Tcp_InSegs", r => Noise.Bursts(r, 4000, 0.5));
        Add("node_netstat_Tcp_OutSegs", r => Noise.Bursts(r, 4000, 0.5));
        Add("node_vmstat_pgfault", r => Noise.Bursts(r, 25_000, 0.6));
        Add("node_vmstat_pgmajfault", r => Noise.Rare(r, 0.05, 3, 1));
        for (var sensor = 0; sensor < 6; sensor++)
        {
            Add("node_hwmon_temp_celsius", r => Noise.Levels(r, 46, 2, 0.2), ("sensor", "temp" + sensor));
        }

        for (var q = 0; q < 5; q++)
        {
            Add("go_gc_duration_seconds", r => Noise.Sometimes(r, 0.1, 1e-4, 1e-9), ("quantile", (q * 0.25).ToString("R")));
        }

        Add("go_memstats_heap_alloc_bytes", r => Noise.Sawtooth(r, 4e6, 350_000, 8));
        Add("go_memstats_alloc_bytes_total", r => Noise.Counter(r, 350_000, 30_000, 8));
        Add("go_goroutines", r => Noise.Levels(r, 9, 1, 0.1));
        Add("process_cpu_seconds_total", r => Noise.Counter(r, 0.05, 0.02, 0.01));
        Add("process_resident_memory_bytes", r => Noise.Drift(r, 2.5e7, 20, 4096));
        Add("process_open_fds", r => Noise.Levels(r, 10, 1, 0.1));
        Add("scrape_duration_seconds", r => Noise.Mean(r, 0.02, 0.4, 1e-9));
        Add("scrape_samples_scraped", _ => Noise.Still(330));
        Add("up", _ => Noise.Still(1));
        foreach (var collector in new[] { "arp", "bcache", "bonding", "conntrack", "cpu", "diskstats", "edac", "entropy", "filefd", "filesystem", "hwmon", "infiniband", "ipvs", "loadavg", "mdadm", "meminfo", "netclass", "netdev", "netstat", "nfs" })
        {
            Add("node_scrape_collector_success", _ => Noise.Still(1), ("collector", collector));
            Add("node_scrape_collector_duration_seconds", r => Noise.Mean(r, 0.001, 0.6, 1e-9), ("collector", collector));
        }
    }

    private void AddRunner(string instance, int number)
    {
        var times = Times(number, jitterMs: 3);
        void Add(string family, Func<Random, IEnumerable<double>> make, params (string, string)[] labels) =>
            this.Add(family, instance, "ci", times, make, labels);

        foreach (var task in new[] { "build", "unit", "lint", "package", "deploy", "e2e" })
        {
            var ends = Noise.Ends(new Random(HashCode.Combine(number, task.Length, task[0])), 0.02).Take(_samples).ToArray();
            foreach (var le in new[] { "1", "5", "10", "30", "60", "120", "300", "600", "1200", "+Inf" })
            {
                var below = le == "+Inf" ? 1e9 : double.Parse(le);
                Add("ci_task_duration_seconds_bucket", _ => Noise.Counted(ends, d => d <= below ? 1 : 0), ("task", task), ("le", le));
                Add("ci_task_queue_seconds_bucket", _ => Noise.Counted(ends, d => d / 20 <= below ? 1 : 0), ("task", task), ("le", le));
            }

            Add("ci_task_duration_seconds_sum", _ => Noise.Counted(ends, d => d), ("task", task));
            Add("ci_task_duration_seconds_count", _ => Noise.Counted(ends, _ => 1), ("task", task));
            Add("ci_task_last_duration_seconds", _ => Noise.Last(ends), ("task", task));
            Add("ci_tasks_total", _ => Noise.Counted(ends, d => d < 200 ? 1 : 0), ("task", task), ("result", "success"));
            Add("ci_tasks_total", _ => Noise.Counted(ends, d => d >= 200 ? 1 : 0), ("task", task), ("result", "failure"));
            Add("ci_tasks_total", _ => Noise.Still(0), ("task", task), ("result", "cancelled"));
            Add("ci_tasks_running", r => Noise.Levels(r, 1, 2, 0.05), ("task", task));
            Add("ci_task_coverage_ratio", r => Noise.Sometimes(r, 0.02, 0.8, 1e-4), ("task", task));
        }

        Add("ci_queue_length", r => Noise.Levels(r, 4, 4, 0.5));
        Add("ci_runner_busy_seconds_total", r => Noise.Counter(r, 9, 4, 0.001));
        Add("ci_artifact_bytes_total", r => Noise.Rare(r, 0.05, 3_000_000, 1));
        Add("process_cpu_seconds_total", r => Noise.Counter(r, 0.4, 0.2, 0.01));
        Add("process_resident_memory_bytes", r => Noise.Walk(r, 9e7, 90_000, 4096));
        Add("go_memstats_heap_alloc_bytes", r => Noise.Sawtooth(r, 3e7, 2_000_000, 8));
        Add("go_goroutines", r => Noise.Levels(r, 60, 8, 0.6));
        Add("up", _ => Noise.Still(1));
        Add("scrape_duration_seconds", r => Noise.Mean(r, 0.02, 0.4, 1e-9));
    }

    private void Add(
        string family, string instance, string job, long[] times, Func<Random, IEnumerable<double>> make, (string Name, string Value)[] labels)
    {
        var builder = new LabelSetBuilder().Set("__name__", family).Set("instance", instance).Set("job", job);
        foreach (var (name, value) in labels)
        {
            builder.Set(name, value);
        }

        var random = new Random(_seed + (_lines.Count * 7919));
        _lines.Add(new Line(family, builder.Build(), times, [.. make(random).Take(_samples)]));
    }

    private long[] Times(int target, int jitterMs)
    {
        var random = new Random(target);
        var start = 1_767_600_000_000L + random.Next(0, IntervalMs);
        return [.. Enumerable.Range(0, _samples).Select(i => start + (i * (long)IntervalMs) + random.Next(0, jitterMs))];
    }
}

/// <summary>One series with all its samples.</summary>
internal sealed record Line(string Family, LabelSet Labels, long[] TimesMs, double[] Values);
