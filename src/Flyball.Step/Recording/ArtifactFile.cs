using Flyball.Model.Runs;

namespace Flyball.Step.Recording;

/// <summary>What is told of a file that a pipeline made.</summary>
/// <param name="Name">The file's name, without folders.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Hash">SHA-256 in hex.</param>
internal sealed record ArtifactFile(string Name, long Bytes, string Hash)
{
    /// <summary>The attribute for the size, which OpenTelemetry has no name for.</summary>
    public const string SizeKey = "flyball.artifact.size";

    /// <summary>Reads a file.</summary>
    /// <param name="error">Why it cannot be read; null if it can.</param>
    public static ArtifactFile? Read(string path, out string? error)
    {
        error = null;
        try
        {
            if (Directory.Exists(path))
            {
                error = $"artifact {path}: it is a folder; name files, or pack it first";
                return null;
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            return new ArtifactFile(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(RunHash.Compute(file)));
        }
        catch (FileNotFoundException)
        {
            error = $"artifact {path}: there is no such file";
        }
        catch (DirectoryNotFoundException)
        {
            error = $"artifact {path}: there is no such folder";
        }
        catch (IOException problem)
        {
            error = $"artifact {path}: {problem.Message}";
        }
        catch (UnauthorizedAccessException)
        {
            error = $"artifact {path}: permission denied";
        }

        return null;
    }

    /// <summary>Attributes by the conventions; which of them exist: OpenTelemetry's registry, "artifact".</summary>
    public IReadOnlyList<(string Key, string Value)> Attributes => [("artifact.filename", Name), ("artifact.hash", Hash)];
}
