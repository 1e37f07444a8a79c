using Flyball.Durable.Files;

namespace Flyball.Server.Tests.Support;

/// <summary>A disk on which mapping a file waits until it is let through: a long replay without its data.</summary>
internal sealed class GatedFileSystem(IFileSystem disk) : IFileSystem, IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);

    /// <summary>Counts who waits.</summary>
    public SemaphoreSlim Waiting { get; } = new(0);

    public void Close() => _open.Reset();

    public void Release() => _open.Set();

    public IMappedFile Map(string path)
    {
        Waiting.Release();
        _open.Wait(TestContext.Current.CancellationToken);
        return disk.Map(path);
    }

    public IFile Open(string path, OpenMode mode) => disk.Open(path, mode);

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string path) => disk.Delete(path);

    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public IReadOnlyList<FileEntry> List(string directory) => disk.List(directory);

    public bool FileExists(string path) => disk.FileExists(path);

    public bool DirectoryExists(string path) => disk.DirectoryExists(path);

    public long Length(string path) => disk.Length(path);

    public void SyncDirectory(string path) => disk.SyncDirectory(path);

    public long FreeBytes(string directory) => disk.FreeBytes(directory);

    public IDisposable Lock(string path) => disk.Lock(path);

    public void Dispose()
    {
        _open.Dispose();
        Waiting.Dispose();
    }
}
