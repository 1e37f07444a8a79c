using Flyball.Durable.Files;

namespace Flyball.Testing.Files;

/// <summary>A disk in memory that breaks on demand: fails or tears a write, fills up, goes read-only, crashes.</summary>
/// <remarks>
/// It keeps two states: what programs see, and what would survive a power cut (synced contents under synced names).
/// Every mutating call counts as one operation, so a test can run its scenario once to learn how many there are and
/// then crash at each of them in turn. After a crash every call throws <see cref="SimulatedCrashException"/> until
/// <see cref="Restart"/>. Thread-safe.
/// </remarks>
public sealed class FaultyFileSystem : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _locks = new(StringComparer.Ordinal);
    private FolderNode _root = new();
    private long _crashAt = long.MaxValue;
    private long _failAt = long.MaxValue;
    private long _failures;
    private bool _crashed;

    /// <summary>Mutating operations so far: creations, writes, truncations, syncs, renames, deletions.</summary>
    public long Operations { get; private set; }

    /// <summary>Most bytes all files may hold together; a write beyond it stores what fits and throws.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>While set, every mutating operation throws and changes nothing.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Number of <see cref="IFile.Sync"/> calls so far.</summary>
    public long Syncs { get; private set; }

    /// <summary>Counts up at every restart; handles from before are dead.</summary>
    internal int Generation { get; private set; }

    /// <summary>Crashes at the n-th mutating operation from now (1 = the next): a write is torn in the middle.</summary>
    public void CrashAtOperation(long n)
    {
        lock (_gate)
        {
            _crashAt = Operations + n;
        }
    }

    /// <summary>Makes operations fail with an <see cref="IOException"/>, starting n from now (1 = the next); a write is torn.</summary>
    public void FailAtOperation(long n, long howMany = 1)
    {
        lock (_gate)
        {
            _failAt = Operations + n;
            _failures = howMany;
        }
    }

    /// <summary>Crashes now.</summary>
    public void Crash()
    {
        lock (_gate)
        {
            _crashed = true;
        }
    }

    /// <summary>Comes back after a crash (or kills the process that runs now): locks are gone, handles are dead.</summary>
    /// <param name="powerLost">Whether everything that was not synced is gone too; else only the process died.</param>
    public void Restart(bool powerLost)
    {
        lock (_gate)
        {
            if (powerLost)
            {
                _root.LosePower();
            }

            _locks.Clear();
            _crashed = false;
            _crashAt = _failAt = long.MaxValue;
            Generation++;
        }
    }

    /// <summary>An independent copy of the disk as programs see it now; to try many endings of one story.</summary>
    public FaultyFileSystem Copy()
    {
        lock (_gate)
        {
            return new FaultyFileSystem { _root = _root.Copy() };
        }
    }

    /// <summary>Changes bytes behind everybody's back, as a failing disk does.</summary>
    public void Corrupt(string path, long offset, byte xor = 1)
    {
        lock (_gate)
        {
            var file = FindFile(path) ?? throw new FileNotFoundException(path);
            file.Bytes[offset] ^= xor;
            if (offset < file.Durable.Length)
            {
                file.Durable[offset] ^= xor;
            }
        }
    }

    /// <summary>The contents of a file.</summary>
    public byte[] ReadAll(string path)
    {
        lock (_gate)
        {
            return (FindFile(path) ?? throw new FileNotFoundException(path)).Current.ToArray();
        }
    }

    /// <inheritdoc />
    public IFile Open(string path, OpenMode mode)
    {
        lock (_gate)
        {
            var (folder, name) = Locate(path);
            var node = folder.Children.GetValueOrDefault(name);
            if (node is null)
            {
                if (mode == OpenMode.Read)
                {
                    throw new FileNotFoundException($"could not find file '{path}'", path);
                }

                Mutate();
                folder.Children[name] = node = new FileNode();
            }

            if (node is not FileNode file)
            {
                throw new UnauthorizedAccessException($"{path} is a folder");
            }

            if (mode == OpenMode.Truncate && file.Length > 0)
            {
                Mutate();
                file.SetLength(0);
            }

            return new Handle(this, path, file);
        }
    }

    /// <inheritdoc />
    public IMappedFile Map(string path)
    {
        lock (_gate)
        {
            var file = FindFile(path) ?? throw new FileNotFoundException($"could not find file '{path}'", path);
            return new Mapping(file.Current.ToArray());
        }
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            var (source, oldName) = Locate(from);
            var (target, newName) = Locate(to);
            var node = source.Children.GetValueOrDefault(oldName) ?? throw new FileNotFoundException($"could not find '{from}'", from);
            if (node is FolderNode && target.Children.ContainsKey(newName))
            {
                throw new IOException($"{to} exists");
            }

            Mutate();
            source.Children.Remove(oldName);
            target.Children[newName] = node;
        }
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        lock (_gate)
        {
            if (FindFile(path) is not null)
            {
                Mutate();
                var (folder, name) = Locate(path);
                folder.Children.Remove(name);
            }
        }
    }

    /// <inheritdoc />
    public void DeleteDirectory(string path)
    {
        lock (_gate)
        {
            if (Find(path) is FolderNode folder)
            {
                // As on a real disk this is many small deletions, and a crash may fall between any two.
                foreach (var (name, node) in folder.Children.OrderBy(c => c.Key, StringComparer.Ordinal).ToList())
                {
                    if (node is FolderNode)
                    {
                        DeleteDirectory(Path.Combine(path, name));
                    }
                    else
                    {
                        Delete(Path.Combine(path, name));
                    }
                }

                Mutate();
                var (parent, own) = Locate(path);
                parent.Children.Remove(own);
            }
        }
    }

    /// <inheritdoc />
    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            Alive();
            var folder = _root;
            foreach (var part in Parts(path))
            {
                if (!folder.Children.TryGetValue(part, out var next))
                {
                    Mutate();
                    folder.Children[part] = next = new FolderNode();
                }

                folder = next as FolderNode ?? throw new IOException($"{part} in {path} is a file");
            }
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<FileEntry> List(string directory)
    {
        lock (_gate)
        {
            return Find(directory) is FolderNode folder
                ? [.. folder.Children.Select(c => new FileEntry(c.Key, c.Value is FolderNode, (c.Value as FileNode)?.Length ?? 0))
                    .OrderBy(e => e.Name, StringComparer.Ordinal)]
                : [];
        }
    }

    /// <inheritdoc />
    public bool FileExists(string path)
    {
        lock (_gate)
        {
            return FindFile(path) is not null;
        }
    }

    /// <inheritdoc />
    public bool DirectoryExists(string path)
    {
        lock (_gate)
        {
            return Find(path) is FolderNode;
        }
    }

    /// <inheritdoc />
    public long Length(string path)
    {
        lock (_gate)
        {
            return (FindFile(path) ?? throw new FileNotFoundException($"could not find file '{path}'", path)).Length;
        }
    }

    /// <inheritdoc />
    public void SyncDirectory(string path)
    {
        lock (_gate)
        {
            var folder = Find(path) as FolderNode ?? throw new DirectoryNotFoundException(path);
            Mutate();
            folder.Sync();
        }
    }

    /// <inheritdoc />
    public long FreeBytes(string directory)
    {
        lock (_gate)
        {
            Alive();
            return Math.Max(0, Capacity - _root.Size);
        }
    }

    /// <inheritdoc />
    public IDisposable Lock(string path)
    {
        lock (_gate)
        {
            Alive();
            return _locks.Add(path) ? new Unlock(this, path, Generation) : throw new IOException($"{path} is locked");
        }
    }

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private Node? Find(string path)
    {
        Alive();
        Node? node = _root;
        foreach (var part in Parts(path))
        {
            node = (node as FolderNode)?.Children.GetValueOrDefault(part);
        }

        return node;
    }

    private FileNode? FindFile(string path) => Find(path) as FileNode;

    private (FolderNode Folder, string Name) Locate(string path)
    {
        var slash = path.LastIndexOf('/');
        var folder = Find(slash <= 0 ? "/" : path[..slash]) as FolderNode
            ?? throw new DirectoryNotFoundException($"could not find a part of the path '{path}'");
        return (folder, path[(slash + 1)..]);
    }

    private void Alive()
    {
        if (_crashed)
        {
            throw new SimulatedCrashException();
        }
    }

    // Counts a mutation; throws where a fault was ordered. True in `torn` style faults is the caller's business (see Write).
    private void Mutate() => Mutate(out _, throwAtOnce: true);

    private void Mutate(out Exception? fault, bool throwAtOnce)
    {
        Alive();
        fault = null;
        if (ReadOnly)
        {
            throw new IOException("read-only file system");
        }

        Operations++;
        if (Operations >= _crashAt)
        {
            _crashed = true;
            fault = new SimulatedCrashException();
        }
        else if (Operations >= _failAt && _failures > 0)
        {
            _failures--;
            fault = new IOException("input/output error (ordered by the test)");
        }

        if (fault is not null && throwAtOnce)
        {
            throw fault;
        }
    }

    private void Write(FileNode file, long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Mutate(out var fault, throwAtOnce: false);
            var fits = bytes.Length;
            var growth = offset + bytes.Length - file.Length;
            if (growth > 0 && _root.Size + growth > Capacity)
            {
                fits = (int)Math.Clamp(bytes.Length - (_root.Size + growth - Capacity), 0, bytes.Length);
                fault ??= new IOException("no space left on device");
            }

            file.Write(offset, bytes[..(fault is null or { Message: "no space left on device" } ? fits : Math.Min(fits, bytes.Length / 2))]);
            if (fault is not null)
            {
                throw fault;
            }
        }
    }

    private sealed class Handle(FaultyFileSystem disk, string path, FileNode file) : IFile
    {
        private readonly int _generation = disk.Generation;

        public string Path => path;

        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    Check();
                    return file.Length;
                }
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (disk._gate)
            {
                Check();
                var available = (int)Math.Clamp(file.Length - offset, 0, destination.Length);
                if (available > 0)
                {
                    file.Current.Slice((int)offset, available).CopyTo(destination);
                }

                return available;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            Check();
            disk.Write(file, offset, bytes);
        }

        public void SetLength(long length)
        {
            lock (disk._gate)
            {
                Check();
                disk.Mutate();
                file.SetLength((int)length);
            }
        }

        public void Sync()
        {
            lock (disk._gate)
            {
                Check();
                disk.Mutate();
                disk.Syncs++;
                file.Sync();
            }
        }

        public void Dispose()
        {
        }

        private void Check()
        {
            disk.Alive();
            if (_generation != disk.Generation)
            {
                throw new SimulatedCrashException();
            }
        }
    }

    private sealed class Mapping(byte[] bytes) : IMappedFile
    {
        private byte[]? _bytes = bytes;

        public long Length { get; } = bytes.Length;

        public ReadOnlySpan<byte> Slice(long offset, int length)
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return _bytes.AsSpan(checked((int)offset), length);
        }

        public void Dispose() => _bytes = null;
    }

    private sealed class Unlock(FaultyFileSystem disk, string path, int generation) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate)
            {
                if (disk.Generation == generation)
                {
                    disk._locks.Remove(path);
                }
            }
        }
    }
}
