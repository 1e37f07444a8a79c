using System.Runtime.InteropServices;
using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Open files and what the kernel calls itself.</summary>
internal static class SystemFacts
{
    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        foreach (var row in proc.Rows("sys/fs/file-nr").Take(1))
        {
            writer.Family("node_filefd_allocated", MetricType.Gauge, "File descriptor statistics: allocated.");
            writer.Sample("node_filefd_allocated", [], ProcFiles.Number(row, 0));
            writer.Family("node_filefd_maximum", MetricType.Gauge, "File descriptor statistics: maximum.");
            writer.Sample("node_filefd_maximum", [], ProcFiles.Number(row, 2));
        }

        if (proc.FirstLine("sys/kernel/osrelease") is { } release)
        {
            writer.Family("node_uname_info", MetricType.Gauge, "Labeled system information as provided by the uname system call.");
            writer.Sample(
                "node_uname_info",
                [
                    ("domainname", proc.FirstLine("sys/kernel/domainname") ?? ""),
                    ("machine", RuntimeInformation.OSArchitecture switch { Architecture.X64 => "x86_64", Architecture.Arm64 => "aarch64", var other => other.ToString() }),
                    ("nodename", proc.FirstLine("sys/kernel/hostname") ?? ""),
                    ("release", release),
                    ("sysname", proc.FirstLine("sys/kernel/ostype") ?? ""),
                    ("version", proc.FirstLine("sys/kernel/version") ?? ""),
                ],
                1);
        }
    }
}
