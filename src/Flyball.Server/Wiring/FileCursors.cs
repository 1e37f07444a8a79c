using System.Security.Cryptography;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Pipelines.Backfill;

namespace Flyball.Server.Wiring;

/// <summary>Keeps cursors of back-fills as small files, each replaced whole.</summary>
internal sealed class FileCursors(IFileSystem files, string folder) : ICursorStore
{
    private const int MostBytes = 64 << 10;

    /// <inheritdoc />
    public string? Load(string name)
    {
        var path = PathOf(name);
        if (!files.FileExists(path))
        {
            return null;
        }

        using var file = files.Open(path, OpenMode.Read);
        var bytes = new byte[Math.Min(MostBytes, files.Length(path))];
        var length = file.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <inheritdoc />
    public void Save(string name, string text)
    {
        files.CreateDirectory(folder);
        AtomicPublish.WriteFile(files, PathOf(name), Encoding.UTF8.GetBytes(text));
    }

    // Targets have slashes and more in their names.
    private string PathOf(string name) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 12)) + ".json");
}
