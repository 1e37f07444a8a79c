using System.Text.RegularExpressions;
using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Whole disks from <c>/proc/diskstats</c>.</summary>
internal static partial class DiskFacts
{
    private const int FirstColumn = 3;
    private const double BytesPerSector = 512; // whatever the disk's own sectors are
    private const double SecondsPerMillisecond = 0.001;

    // In the order of the columns after the device's name.
    private static readonly (string Name, MetricType Type, double Factor, string Help)[] Columns =
    [
        ("node_disk_reads_completed_total", MetricType.Counter, 1, "The total number of reads completed successfully."),
        ("node_disk_reads_merged_total", MetricType.Counter, 1, "The total number of reads merged."),
        ("node_disk_read_bytes_total", MetricType.Counter, BytesPerSector, "The total number of bytes read successfully."),
        ("node_disk_read_time_seconds_total", MetricType.Counter, SecondsPerMillisecond, "The total number of seconds spent by all reads."),
        ("node_disk_writes_completed_total", MetricType.Counter, 1, "The total number of writes completed successfully."),
        ("node_disk_writes_merged_total", MetricType.Counter, 1, "The number of writes merged."),
        ("node_disk_written_bytes_total", MetricType.Counter, BytesPerSector, "The total number of bytes written successfully."),
        ("node_disk_write_time_seconds_total", MetricType.Counter, SecondsPerMillisecond, "This is the total number of seconds spent by all writes."),
        ("node_disk_io_now", MetricType.Gauge, 1, "The number of I/Os currently in progress."),
        ("node_disk_io_time_seconds_total", MetricType.Counter, SecondsPerMillisecond, "Total seconds spent doing I/Os."),
        ("node_disk_io_time_weighted_seconds_total", MetricType.Counter, SecondsPerMillisecond, "The weighted # of seconds spent doing I/Os."),
    ];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        var disks = proc.Rows("diskstats").Where(r => r.Length > FirstColumn + Columns.Length - 1 && !Ignored().IsMatch(r[2])).ToList();
        for (var i = 0; disks.Count > 0 && i < Columns.Length; i++)
        {
            var (name, type, factor, help) = Columns[i];
            writer.Family(name, type, help);
            foreach (var disk in disks)
            {
                writer.Sample(name, [("device", disk[2])], ProcFiles.Number(disk, FirstColumn + i) * factor);
            }
        }
    }

    [GeneratedRegex(@"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$")]
    private static partial Regex Ignored();
}
