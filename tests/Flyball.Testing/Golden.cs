using Xunit;

namespace Flyball.Testing;

/// <summary>Texts that were read by a person once and must stay as they are.</summary>
/// <remarks><c>FLYBALL_REWRITE_GOLDENS=1</c> writes them anew; read what changed before committing it.</remarks>
public static class Golden
{
    /// <summary>Compares a text with the one in a file.</summary>
    /// <param name="file">Path from the root of the repository.</param>
    /// <param name="actual">The text of today.</param>
    public static void Check(string file, string actual)
    {
        var path = Path.Combine(SharedData.Repository, file);
        if (Environment.GetEnvironmentVariable("FLYBALL_REWRITE_GOLDENS") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; FLYBALL_REWRITE_GOLDENS=1 writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
