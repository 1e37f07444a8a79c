using System.Runtime.InteropServices;

namespace Flyball.Durable.Files;

/// <summary>The files of this machine.</summary>
public sealed partial class PhysicalFileSystem : IFileSystem
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly PhysicalFileSystem Instance = new();

    private PhysicalFileSystem()
    {
    }

    /// <inheritdoc />
    public IFile Open(string path, OpenMode mode) => new PhysicalFile(path, mode);

    /// <inheritdoc />
    public IMappedFile Map(string path) => new PhysicalMapping(path);

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder: what was asked for.
        }
    }

    /// <inheritdoc />
    public void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <inheritdoc />
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    /// <inheritdoc />
    public IReadOnlyList<FileEntry> List(string directory)
    {
        var folder = new DirectoryInfo(directory);
        if (!folder.Exists)
        {
            return [];
        }

        var entries = new List<FileEntry>();
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            entries.Add(new FileEntry(entry.Name, entry is DirectoryInfo, entry is FileInfo file ? file.Length : 0));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    /// <inheritdoc />
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc />
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc />
    public long Length(string path) => new FileInfo(path).Length;

    /// <inheritdoc />
    public void SyncDirectory(string path)
    {
        // The framework opens no folders. Windows has no such call: NTFS logs names by itself.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const int ReadOnly = 0;
        var descriptor = OpenDescriptor(path, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            if (SyncDescriptor(descriptor) != 0)
            {
                throw Failure("fsync", path);
            }
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    /// <inheritdoc />
    public long FreeBytes(string directory) => new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;

    /// <inheritdoc />
    public IDisposable Lock(string path)
    {
        try
        {
            // On Unix FileShare.None is an flock: it goes with the process, so a kill leaves nothing behind.
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{path} is locked: another process uses this folder; stop it or choose another data folder", e);
        }
    }

    private static IOException Failure(string call, string path) =>
        new($"{call} of folder {path} failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}
