using Flyball.Model.Labels;

namespace Flyball.Bench.PromQL;

/// <summary>Made-up machines, services and pods, named and labelled as the exporters people run name and label them.</summary>
/// <remarks>Seeded: the same size gives the same series and samples. A tenth of everything restarts now and then.</remarks>
internal sealed class Fleet
{
    private static readonly string[] Modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    private static readonly string[] Bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
    private static readonly string[] Codes = ["200", "201", "404", "500", "503"];
    private static readonly string[] Phases = ["Failed", "Pending", "Running", "Succeeded", "Unknown"];

    private readonly Random _random = new(4);
    private readonly List<LabelSet> _labels = [];
    private readonly List<Motion> _motions = [];
    private readonly List<double> _values = [];

    /// <summary>Makes a fleet of about so many series.</summary>
    public Fleet(int series)
    {
        var size = Math.Max(1, series / 4000);
        for (var node = 0; node < size * 10; node++)
        {
            AddNode(node);
        }

        for (var instance = 0; instance < size * 5; instance++)
        {
            AddService(instance);
        }

        for (var pod = 0; pod < size * 80; pod++)
        {
            AddPod(pod);
        }
    }

    private enum Motion
    {
        Constant,
        Seconds,
        Bytes,
        Requests,
        Gauge,
        Load,
        Flag,
    }

    public IReadOnlyList<LabelSet> Labels => _labels;

    /// <summary>The next value of a series.</summary>
    public double Next(int series) => _values[series] = Move(_motions[series], _values[series]);

    private void AddNode(int node)
    {
        var instance = $"10.1.{node / 250}.{node % 250}:9100";
        Add(Motion.Constant, 1, "up", instance, "node");
        for (var cpu = 0; cpu < 16; cpu++)
        {
            foreach (var mode in Modes)
            {
                Add(Motion.Seconds, _random.Next(1_000_000), "node_cpu_seconds_total", instance, "node", ("cpu", $"{cpu}"), ("mode", mode));
            }
        }

        for (var disk = 0; disk < 6; disk++)
        {
            Add(Motion.Seconds, 0, "node_disk_io_time_seconds_total", instance, "node", ("device", $"nvme{disk}n1"));
            Add(Motion.Bytes, 0, "node_network_receive_bytes_total", instance, "node", ("device", $"eth{disk}"));
            Add(Motion.Bytes, 0, "node_network_transmit_bytes_total", instance, "node", ("device", $"eth{disk}"));
            Add(Motion.Gauge, 4e11, "node_filesystem_avail_bytes", instance, "node", ("device", $"/dev/nvme{disk}n1p1"), ("fstype", "ext4"), ("mountpoint", $"/data/{disk}"));
            Add(Motion.Constant, 1e12, "node_filesystem_size_bytes", instance, "node", ("device", $"/dev/nvme{disk}n1p1"), ("fstype", "ext4"), ("mountpoint", $"/data/{disk}"));
        }

        Add(Motion.Constant, 6.4e10, "node_memory_MemTotal_bytes", instance, "node");
        Add(Motion.Gauge, 2e10, "node_memory_MemAvailable_bytes", instance, "node");
        Add(Motion.Load, 4, "node_load1", instance, "node");
        Add(Motion.Load, 4, "node_load5", instance, "node");
    }

    private void AddService(int number)
    {
        var instance = $"10.2.{number / 250}.{number % 250}:8080";
        var job = number % 3 == 0 ? "checkout" : number % 3 == 1 ? "catalog" : "search";
        Add(Motion.Constant, 1, "up", instance, job);
        for (var handler = 0; handler < 20; handler++)
        {
            var path = ("handler", $"/api/v1/resource{handler}");
            foreach (var code in Codes)
            {
                Add(Motion.Requests, 0, "http_requests_total", instance, job, path, ("code", code));
            }

            var bucket = 0.0;
            foreach (var bound in Bounds)
            {
                Add(Motion.Requests, bucket += _random.Next(100), "http_request_duration_seconds_bucket", instance, job, path, ("le", bound));
            }

            Add(Motion.Requests, bucket, "http_request_duration_seconds_count", instance, job, path);
            Add(Motion.Seconds, bucket, "http_request_duration_seconds_sum", instance, job, path);
        }
    }

    private void AddPod(int pod)
    {
        foreach (var phase in Phases)
        {
            Add(
                Motion.Flag, phase == "Running" ? 1 : 0, "kube_pod_status_phase", "10.3.0.1:8080", "kube-state-metrics",
                ("namespace", $"team-{pod % 25}"), ("pod", $"worker-{pod:x5}-{pod * 7919 % 100_000:x5}"), ("phase", phase));
        }
    }

    private void Add(Motion motion, double start, string name, string instance, string job, params ReadOnlySpan<(string, string)> more)
    {
        _labels.Add(LabelSet.Of([("__name__", name), ("instance", instance), ("job", job), .. more]));
        _motions.Add(motion);
        _values.Add(start);
    }

    private double Move(Motion motion, double value) => motion switch
    {
        Motion.Constant => value,
        Motion.Flag => value,
        _ when _random.Next(20_000) == 0 && motion is Motion.Seconds or Motion.Bytes or Motion.Requests && _random.Next(20_000) == 0 => 0,
        Motion.Seconds => Math.Round(value + (_random.Next(0, 1500) / 100.0), 2),
        Motion.Bytes => value + _random.Next(0, 10_000_000),
        Motion.Requests => value + _random.Next(0, 50),
        Motion.Gauge => value + (_random.Next(-2000, 2000) * 4096L),
        _ => Math.Round(Math.Max(0, value + (_random.NextDouble() - 0.5)), 2),
    };
}
