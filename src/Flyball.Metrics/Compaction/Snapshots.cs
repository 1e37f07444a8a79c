using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;

namespace Flyball.Metrics.Compaction;

/// <summary>Copies blocks into a folder that can be opened as a store of its own.</summary>
internal static class Snapshots
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Copies held blocks, each to where it lies in the store; the folder appears whole or not at all.</summary>
    /// <param name="store">The folder of the store.</param>
    public static void Write(string store, IReadOnlyList<Block> blocks, string path, IFileSystem files, CancellationToken cancellationToken)
    {
        AtomicPublish.CreateDirectory(files, Path.GetDirectoryName(path)!);
        var temporary = path + AtomicPublish.TemporarySuffix;
        files.DeleteDirectory(temporary);
        AtomicPublish.CreateDirectory(files, Path.Combine(temporary, "blocks"));
        var folders = new HashSet<string>(StringComparer.Ordinal) { Path.Combine(temporary, "blocks") };
        foreach (var block in blocks)
        {
            var target = Path.Combine(temporary, Path.GetRelativePath(store, block.Path));
            if (folders.Add(Path.GetDirectoryName(target)!))
            {
                AtomicPublish.CreateDirectory(files, Path.GetDirectoryName(target)!);
            }

            Copy(files, block.Path, target, cancellationToken);
        }

        var metadata = Path.Combine(store, MetricStore.MetadataFile);
        if (files.FileExists(metadata))
        {
            Copy(files, metadata, Path.Combine(temporary, MetricStore.MetadataFile), cancellationToken);
        }

        foreach (var folder in folders)
        {
            files.SyncDirectory(folder);
        }

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
