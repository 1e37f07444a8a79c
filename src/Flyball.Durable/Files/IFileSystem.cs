namespace Flyball.Durable.Files;

/// <summary>The one door to files. Small, so that tests can stand a failing disk behind it.</summary>
/// <remarks>
/// Everything throws <see cref="IOException"/> (or <see cref="UnauthorizedAccessException"/>) when the world is broken.
/// A change survives a power cut only after <see cref="IFile.Sync"/> (contents) and <see cref="SyncDirectory"/> (names:
/// creation, renaming, deletion). Safe from many threads; paths are those of the platform.
/// </remarks>
public interface IFileSystem
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">It does not exist and the mode does not create it.</exception>
    IFile Open(string path, OpenMode mode);

    /// <summary>Maps a whole file for reading. It must not be truncated while mapped; deleting and renaming it is fine.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    IMappedFile Map(string path);

    /// <summary>Renames a file or a folder; an existing file of the new name is replaced in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; does nothing when there is none.</summary>
    void Delete(string path);

    /// <summary>Deletes a folder with all it holds; does nothing when there is none.</summary>
    void DeleteDirectory(string path);

    /// <summary>Creates a folder and those above it; does nothing when it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>Names, not paths, of what lies directly in a folder, in ordinal order; empty when the folder does not exist.</summary>
    IReadOnlyList<FileEntry> List(string directory);

    /// <summary>Whether a file of this path exists.</summary>
    bool FileExists(string path);

    /// <summary>Whether a folder of this path exists.</summary>
    bool DirectoryExists(string path);

    /// <summary>Length of a file in bytes.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    long Length(string path);

    /// <summary>Makes creations, renames and deletions directly in the folder survive a power cut.</summary>
    void SyncDirectory(string path);

    /// <summary>Bytes the disk under the folder still takes.</summary>
    long FreeBytes(string directory);

    /// <summary>Takes a lock that no other process (and nobody else in this one) can take; dispose it to let go.</summary>
    /// <exception cref="IOException">Somebody holds it.</exception>
    IDisposable Lock(string path);
}

/// <summary>How a file is opened.</summary>
public enum OpenMode
{
    /// <summary>For reading; it must exist.</summary>
    Read,

    /// <summary>For reading and writing; created empty when missing.</summary>
    ReadWrite,

    /// <summary>For reading and writing, emptied first when it exists.</summary>
    Truncate,
}

/// <summary>Something in a folder.</summary>
/// <param name="Name">Its name without the folder.</param>
/// <param name="IsDirectory">Whether it is a folder.</param>
/// <param name="Length">Bytes of a file; 0 for a folder.</param>
public readonly record struct FileEntry(string Name, bool IsDirectory, long Length);

/// <summary>An open file. Positions are explicit: there is no cursor to share.</summary>
public interface IFile : IDisposable
{
    /// <summary>The path it was opened by.</summary>
    string Path { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the destination is full or the file ends.</summary>
    /// <returns>Bytes read; less than asked only at the end.</returns>
    int Read(long offset, Span<byte> destination);

    /// <summary>Writes all bytes at a position; writing at <see cref="Length"/> appends.</summary>
    /// <exception cref="IOException">The disk is full, read-only or broken: a part may have been written.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file off, or extends it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Makes what was written survive a power cut (fsync).</summary>
    /// <remarks>After it failed nothing is known about earlier writes: give the file up, do not try again.</remarks>
    void Sync();
}

/// <summary>A file mapped into memory for reading.</summary>
public interface IMappedFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>A part of the file; dies when the mapping is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the file.</exception>
    ReadOnlySpan<byte> Slice(long offset, int length);
}
