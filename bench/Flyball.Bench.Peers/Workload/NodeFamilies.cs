using static Flyball.Bench.Peers.Workload.ValueShape;

namespace Flyball.Bench.Peers.Workload;

/// <summary>What one machine's exporter shows: some thousand series, a third of them constant.</summary>
internal static class NodeFamilies
{
    private static readonly string[] Cpus = Numbered("", 32);
    private static readonly string[] Modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    private static readonly string[] Interfaces = ["eth0", "eth1", "lo", "docker0", "veth1", "veth2", "veth3", "veth4"];
    private static readonly string[] Disks = ["nvme0n1", "nvme1n1", "sda", "sdb", "dm-0", "dm-1"];
    private static readonly string[] Mounts = ["/", "/boot", "/home", "/var/lib/data", "/run", "/tmp"];
    private static readonly string[] States = ["activating", "active", "deactivating", "failed", "inactive"];

    public static readonly Family[] All =
    [
        new("up", One),
        new("node_cpu_seconds_total", Seconds, ("cpu", Cpus), ("mode", Modes)),
        new("node_cpu_guest_seconds_total", Constant, ("cpu", Cpus), ("mode", ["nice", "user"])),
        new("node_cpu_scaling_frequency_hertz", Level, ("cpu", Cpus)),
        new("node_schedstat_running_seconds_total", NanoSeconds, ("cpu", Cpus)),
        new("node_schedstat_waiting_seconds_total", NanoSeconds, ("cpu", Cpus)),
        new("node_softnet_processed_total", Counter, ("cpu", Cpus)),
        new("node_softnet_dropped_total", Constant, ("cpu", Cpus)),
        .. PerDevice("node_network_", "device", Interfaces,
            ("receive_bytes_total", Counter), ("transmit_bytes_total", Counter), ("receive_packets_total", Counter),
            ("transmit_packets_total", Counter), ("receive_errs_total", Constant), ("transmit_errs_total", Constant),
            ("receive_drop_total", SlowCounter), ("transmit_drop_total", SlowCounter), ("up", One), ("mtu_bytes", Constant), ("speed_bytes", Constant)),
        .. PerDevice("node_disk_", "device", Disks,
            ("reads_completed_total", Counter), ("writes_completed_total", Counter), ("read_bytes_total", Counter),
            ("written_bytes_total", Counter), ("io_time_seconds_total", NanoSeconds), ("read_time_seconds_total", NanoSeconds), ("io_now", Level)),
        .. PerDevice("node_filesystem_", "mountpoint", Mounts,
            ("size_bytes", Constant), ("avail_bytes", Bytes), ("free_bytes", Bytes), ("files", Constant), ("files_free", Level), ("readonly", Constant)),
        .. Names("node_memory_", "_bytes", 40).Select((name, i) => new Family(name, i % 2 == 0 ? Bytes : Constant)),
        new("node_load1", Load),
        new("node_load5", Load),
        new("node_load15", Load),
        new("node_hwmon_temp_celsius", Sawtooth, ("sensor", Numbered("temp", 20))),
        new("node_systemd_unit_state", Constant, ("name", Numbered("unit-", 30, ".service")), ("state", States)),
        .. Names("node_netstat_", "", 40).Select((name, i) => new Family(name, i % 4 == 0 ? Counter : SlowCounter)),
        .. Names("node_vmstat_", "", 30).Select((name, i) => new Family(name, i % 2 == 0 ? Counter : Constant)),
        new("node_scrape_collector_duration_seconds", Raw, ("collector", Numbered("collector", 20))),
        new("node_scrape_collector_success", One, ("collector", Numbered("collector", 20))),
        new("node_timex_offset_seconds", Raw),
        new("node_boot_time_seconds", Constant),
        new("node_time_seconds", Clock),
        new("node_context_switches_total", Counter),
        new("node_forks_total", Counter),
        new("node_uname_info", One, ("release", ["6.1.0-28-amd64"])),
    ];

    internal static string[] Numbered(string before, int count, string after = "") =>
        [.. Enumerable.Range(0, count).Select(i => $"{before}{i}{after}")];

    private static IEnumerable<string> Names(string before, string after, int count) =>
        Enumerable.Range(0, count).Select(i => $"{before}field{i}{after}");

    private static IEnumerable<Family> PerDevice(string before, string label, string[] devices, params (string Name, ValueShape Shape)[] metrics) =>
        metrics.Select(m => new Family(before + m.Name, m.Shape, (label, devices)));
}
