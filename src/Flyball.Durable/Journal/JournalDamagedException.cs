namespace Flyball.Durable.Journal;

/// <summary>The journal on disk is not what was once acknowledged; going on would hide that.</summary>
public sealed class JournalDamagedException(string path, long offset, long position, string what)
    : IOException($"journal {path}, byte {offset}, entry {position}: {what}; restore the folder from a copy, or move it aside to begin a new journal")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>First byte that is wrong, or where bytes are missing.</summary>
    public long Offset { get; } = offset;

    /// <summary>Position of the first entry that is damaged or missing.</summary>
    public long Position { get; } = position;
}
