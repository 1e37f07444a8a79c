using System.Buffers;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Host;
using Flyball.Ingest.Tests.Exposition;
using Flyball.Model.Time;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Host;

public sealed class HostTargetTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("flyball-proc-").FullName;

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Theory]
    [InlineData("stat", "cpu  1 2\ncpu0 100 200 300 400 500 600 700 800 0 0\nctxt 7\nbtime 1700000000\n", "node_cpu_seconds_total{cpu=\"0\", mode=\"user\"} 1")]
    [InlineData("stat", "cpu3 100 200 300 400 500 600 700 850\n", "node_cpu_seconds_total{cpu=\"3\", mode=\"steal\"} 8.5")]
    [InlineData("stat", "btime 1700000000\n", "node_boot_time_seconds 1.7e+09")]
    [InlineData("loadavg", "0.10 0.20 0.30 1/100 4242\n", "node_load15 0.3")]
    [InlineData("meminfo", "MemTotal:       16 kB\nHugePages_Total:  3\n", "node_memory_MemTotal_bytes 16384")]
    [InlineData("meminfo", "Active(anon):   1 kB\nHugePages_Total:  3\n", "node_memory_Active_anon_bytes 1024")]
    [InlineData("meminfo", "HugePages_Total:  3\n", "node_memory_HugePages_Total 3")]
    [InlineData("diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n 8 1 sda1 1 2 3 4 5 6 7 8 9 10 11\n", "node_disk_read_bytes_total{device=\"sda\"} 1536")]
    [InlineData("diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n", "node_disk_io_time_seconds_total{device=\"sda\"} 0.01")]
    [InlineData("self/net/dev", "Inter-| Receive\n face |bytes\n  eth0:10 2 3 4 5 6 7 8 99 10 11 12 13 14 15 16\n", "node_network_transmit_bytes_total{device=\"eth0\"} 99")]
    [InlineData("pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n", "node_pressure_cpu_waiting_seconds_total 1.5")]
    [InlineData("sys/fs/file-nr", "1024\t0\t9000\n", "node_filefd_maximum 9000")]
    public void Kernel_files_become_the_metrics_of_node_exporter(string file, string content, string expected)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_proc, file))!);
        File.WriteAllText(Path.Combine(_proc, file), content);
        Assert.Contains(expected, PageOf(_proc));
    }

    [Theory]
    [InlineData("stat", "cpu0\ncpux y z\nctxt\n\n")]
    [InlineData("loadavg", "\n")]
    [InlineData("meminfo", "MemTotal: lots\nx\n:\n")]
    [InlineData("diskstats", "8 0 sda 1 2\n")]
    [InlineData("self/net/dev", ":\nx:y\n")]
    [InlineData("self/mounts", "x\n/dev/x /nowhere ext4 rw 0 0\n")]
    [InlineData("pressure/cpu", "some\nsome total=x\n")]
    public void Strange_files_break_nothing(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_proc, file))!);
        File.WriteAllText(Path.Combine(_proc, file), content);
        Assert.NotEmpty(PageOf(_proc));
    }

    [Fact]
    public void This_machine_has_processors_memory_and_a_load()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has /proc");
        var names = PageOf("/proc").Select(line => line.Split('{', ' ')[0]).ToHashSet();
        Assert.Superset(
            new HashSet<string> { "node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes", "node_load1", "node_boot_time_seconds" },
            names);
    }

    private static List<string> PageOf(string proc)
    {
        var page = new ArrayBufferWriter<byte>();
        HostTarget.Create(DurationMs.FromSeconds(15), new TestClock(), "here", proc).Write(page);
        return ExpositionBodies.ReadAll(new PrometheusTextReader(), page.WrittenMemory);
    }
}
