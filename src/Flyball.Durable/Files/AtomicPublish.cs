namespace Flyball.Durable.Files;

/// <summary>Makes a file or a folder appear whole or not at all, whatever moment the power goes.</summary>
/// <remarks>
/// 1. Write under a temporary name. 2. Sync the contents. 3. Rename to the final name. 4. Sync the folder above.
/// A crash before 3 leaves only the temporary name, which <see cref="DeleteLeftovers"/> clears at start.
/// </remarks>
public static class AtomicPublish
{
    /// <summary>What temporary names end with.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes a small file whole.</summary>
    public static void WriteFile(IFileSystem files, string path, ReadOnlySpan<byte> contents)
    {
        var temporary = path + TemporarySuffix;
        using (var file = files.Open(temporary, OpenMode.Truncate))
        {
            file.Write(0, contents);
            file.Sync();
        }

        PublishFile(files, path);
    }

    /// <summary>Publishes a file that was written under its temporary name and synced.</summary>
    /// <param name="path">The final path; what lies at <c>path + ".tmp"</c> moves there.</param>
    public static void PublishFile(IFileSystem files, string path)
    {
        files.Rename(path + TemporarySuffix, path);
        SyncParent(files, path);
    }

    /// <summary>Publishes a folder that was filled under its temporary name, every file in it synced by who wrote it.</summary>
    /// <param name="path">The final path; what lies at <c>path + ".tmp"</c> moves there.</param>
    public static void PublishDirectory(IFileSystem files, string path)
    {
        files.SyncDirectory(path + TemporarySuffix);
        files.Rename(path + TemporarySuffix, path);
        SyncParent(files, path);
    }

    /// <summary>Deletes what crashes left under temporary names directly in a folder.</summary>
    public static void DeleteLeftovers(IFileSystem files, string directory)
    {
        foreach (var entry in files.List(directory))
        {
            if (!entry.Name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
            {
                continue;
            }

            var path = Path.Combine(directory, entry.Name);
            if (entry.IsDirectory)
            {
                files.DeleteDirectory(path);
            }
            else
            {
                files.Delete(path);
            }
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public static byte[] ReadFile(IFileSystem files, string path)
    {
        using var file = files.Open(path, OpenMode.Read);
        var contents = new byte[file.Length];
        var read = file.Read(0, contents);
        return read == contents.Length ? contents : contents[..read];
    }

    /// <summary>Creates a folder, and those above it that are missing, so that their names survive a power cut.</summary>
    public static void CreateDirectory(IFileSystem files, string path)
    {
        if (files.DirectoryExists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            CreateDirectory(files, parent);
        }

        files.CreateDirectory(path);
        SyncParent(files, path);
    }

    private static void SyncParent(IFileSystem files, string path)
    {
        var parent = Path.GetDirectoryName(path);
        files.SyncDirectory(string.IsNullOrEmpty(parent) ? "." : parent);
    }
}
