using Flyball.Durable.Files;

namespace Flyball.Durable.Journal;

/// <summary>What opening a journal found on disk, after the end a crash tore was moved aside.</summary>
internal sealed record JournalRecovery(long Entries, byte[] Hash, string? LastSegment, long LastLength, long TornBytes, string TornPath)
{
    /// <summary>Checks every byte, fills the index, and makes the last segment end behind its last whole frame.</summary>
    /// <exception cref="JournalDamagedException">Something that was acknowledged was changed or is missing.</exception>
    public static JournalRecovery Run(IFileSystem files, string directory, JournalIndex index, CancellationToken cancellationToken)
    {
        // 1. Read everything.
        var scan = new JournalScan(files, directory);
        var places = new List<(int Segment, long Offset)>();
        scan.Run((_, segment, offset) => places.Add((segment, offset)), cancellationToken);
        if (scan.Damage is { } damage)
        {
            throw new JournalDamagedException(damage.Path, damage.Offset, damage.Position, damage.What);
        }

        // 2. Keep what was torn off as evidence, then cut it off.
        var torn = scan.TornAt is { } at ? MoveAside(files, scan.Segments[^1].Path, at) : (0, "");

        // 3. A segment that breaks off inside its header never held an entry.
        if (scan.TornAt == 0)
        {
            files.Delete(scan.Segments[^1].Path);
            files.SyncDirectory(directory);
            scan.Segments.RemoveAt(scan.Segments.Count - 1);
        }

        // 4. Note where every entry lies.
        for (var i = 0; i < scan.Segments.Count; i++)
        {
            index.AddSegment(scan.Segments[i].Path);
            index.AddEntries([.. places.Where(p => p.Segment == i).Select(p => p.Offset)]);
        }

        var last = scan.Segments.Count > 0 ? scan.Segments[^1] : default;
        return new JournalRecovery(scan.Entries, scan.Hash.ToArray(), last.Path, last.GoodLength, torn.Item1, torn.Item2);
    }

    private static (long Bytes, string Path) MoveAside(IFileSystem files, string segment, long at)
    {
        using var file = files.Open(segment, OpenMode.ReadWrite);
        var bytes = new byte[file.Length - at];
        file.Read(at, bytes);
        var path = $"{segment}.torn-{at}";
        if (bytes.Length > 0)
        {
            AtomicPublish.WriteFile(files, path, bytes);
        }

        file.SetLength(at);
        file.Sync();
        return (bytes.Length, path);
    }
}
