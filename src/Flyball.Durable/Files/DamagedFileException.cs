namespace Flyball.Durable.Files;

/// <summary>A file does not hold what it should: wrong magic, unknown version, checksum that does not match.</summary>
public sealed class DamagedFileException(string path, long offset, string problem, Exception? cause = null)
    : IOException($"{path} is damaged at byte {offset}: {problem}", cause)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Where the problem was met, in bytes.</summary>
    public long Offset { get; } = offset;
}
