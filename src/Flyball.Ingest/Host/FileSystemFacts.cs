using System.Text.RegularExpressions;
using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Sizes of mounted local file systems.</summary>
/// <remarks>Network file systems are left out: asking one whose server is gone would hang the scrape.</remarks>
internal static partial class FileSystemFacts
{
    private static readonly (string Name, Func<DriveInfo, double> Value, string Help)[] Columns =
    [
        ("node_filesystem_size_bytes", d => d.TotalSize, "Filesystem size in bytes."),
        ("node_filesystem_free_bytes", d => d.TotalFreeSpace, "Filesystem free space in bytes."),
        ("node_filesystem_avail_bytes", d => d.AvailableFreeSpace, "Filesystem space available to non-root users in bytes."),
    ];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        var mounts = proc.Rows("self/mounts").Where(IsWanted)
            .Select(row => (Labels: LabelsOf(row), Drive: Open(row), IsReadOnly: row[3].Split(',').Contains("ro")))
            .Where(m => m.Drive is not null)
            .DistinctBy(m => m.Labels[^1].Value)
            .ToList();
        foreach (var (name, value, help) in Columns)
        {
            WriteFamily(writer, name, help, mounts.Select(m => (m.Labels, value(m.Drive!))));
        }

        WriteFamily(writer, "node_filesystem_readonly", "Filesystem read-only status.", mounts.Select(m => (m.Labels, m.IsReadOnly ? 1.0 : 0)));
    }

    private static void WriteFamily(
        ExpositionTextWriter writer, string name, string help, IEnumerable<((string, string)[] Labels, double Value)> samples)
    {
        writer.Family(name, MetricType.Gauge, help);
        foreach (var (labels, value) in samples)
        {
            writer.Sample(name, labels, value);
        }
    }

    private static bool IsWanted(string[] row)
    {
        if (row.Length < 4 || IgnoredPath().IsMatch(row[1]))
        {
            return false;
        }

        // The root of a container is an overlay, and it is what fills up.
        return row[2] == "overlay" ? row[1] == "/" : !IgnoredType().IsMatch(row[2]);
    }

    private static (string Name, string Value)[] LabelsOf(string[] row) =>
        [("device", row[0]), ("fstype", row[2]), ("mountpoint", Unescape(row[1]))];

    private static DriveInfo? Open(string[] row)
    {
        try
        {
            var drive = new DriveInfo(Unescape(row[1]));
            return drive is { IsReady: true, TotalSize: > 0 } ? drive : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    // The kernel writes blanks in paths as octal numbers.
    private static string Unescape(string path) =>
        path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);

    [GeneratedRegex(@"^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)")]
    private static partial Regex IgnoredPath();

    [GeneratedRegex(
        @"^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|proc|procfs|pstore"
        + @"|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs|nfs\d?|cifs|smb\d|ceph|glusterfs|9p|fuse\..+)$")]
    private static partial Regex IgnoredType();
}
