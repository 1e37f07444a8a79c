using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Flyball.Server.SelfMetrics;

/// <summary>What every dashboard asks of a process: CPU, memory, file descriptors, start time, build.</summary>
/// <remarks>Names: Prometheus client conventions; Prometheus documentation, "Storage".</remarks>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Process");

    public ProcessMetrics()
    {
        var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableGauge("process_start_time_seconds", () => started, description: "Start time of the process since the Unix epoch in seconds.");
        _meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, description: "Total user and system CPU time spent in seconds.");
        _meter.CreateObservableGauge("process_resident_memory_bytes", () => Environment.WorkingSet, description: "Resident memory size in bytes.");
        _meter.CreateObservableGauge("process_open_fds", CountDescriptors, description: "Number of open file descriptors.");
        _meter.CreateObservableGauge("process_threads", () => ThreadPool.ThreadCount, description: "Number of thread pool threads.");
        _meter.CreateObservableGauge("dotnet_gc_heap_bytes", () => GC.GetTotalMemory(forceFullCollection: false), description: "Bytes the collector's heap holds.");
        _meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", () => GC.GetTotalPauseDuration().TotalSeconds, description: "Total time the collector paused the process in seconds.");
        var build = new KeyValuePair<string, object?>[] { new("version", ProductVersion), new("runtime", Environment.Version.ToString()) };
        _meter.CreateObservableGauge("flyball_build_info", () => new Measurement<int>(1, build), description: "Constant 1, labelled with the version that runs.");
        _meter.CreateObservableGauge("prometheus_build_info", () => new Measurement<int>(1, build), description: "Constant 1, labelled with the version that runs.");
    }

    /// <summary>The product's version, without the source revision some builds append.</summary>
    public static string ProductVersion { get; } =
        (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    public void Dispose() => _meter.Dispose();

    private static int CountDescriptors() =>
        Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0;
}
