using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;

namespace Flyball.Metrics.Compaction;

/// <summary>Copies blocks into a folder that can be opened as a store of its own.</summary>
internal static class Snapshots
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Copies held blocks; the folder appears whole or not at all.</summary>
    public static void Write(IReadOnlyList<Block> blocks, string path, string metadataFile, IFileSystem files, CancellationToken cancellationToken)
    {
        AtomicPublish.CreateDirectory(files, Path.GetDirectoryName(path)!);
        var temporary = path + AtomicPublish.TemporarySuffix;
        files.DeleteDirectory(temporary);
        AtomicPublish.CreateDirectory(files, Path.Combine(temporary, "blocks"));
        foreach (var block in blocks)
        {
            Copy(files, block.Path, Path.Combine(temporary, "blocks", Path.GetFileName(block.Path)), cancellationToken);
        }

        if (files.FileExists(metadataFile))
        {
            Copy(files, metadataFile, Path.Combine(temporary, Path.GetFileName(metadataFile)), cancellationToken);
        }

        files.SyncDirectory(Path.Combine(temporary, "blocks"));
        AtomicPublish.PublishDirectory(files, path);
    }

    private static void Copy(IFileSystem files, string from, string to, CancellationToken cancellationToken)
    {
        using var source = files.Map(from);
        using var target = files.Open(to, OpenMode.Truncate);
        for (long at = 0; at < source.Length; at += CopyBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            target.Write(at, source.Slice(at, (int)Math.Min(CopyBytes, source.Length - at)));
        }

        target.Sync();
    }
}
