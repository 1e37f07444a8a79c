namespace Flyball.Durable.Files;

/// <summary>A file was written by a later version of the program. It is left as it is.</summary>
public sealed class UnknownVersionException(string path, int found, int known)
    : IOException($"{path} has format version {found}; this program reads up to version {known}: use the program that wrote it, or a later one")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
