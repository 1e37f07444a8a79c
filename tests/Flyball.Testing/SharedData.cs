using System.Runtime.CompilerServices;
using Xunit;

namespace Flyball.Testing;

/// <summary>Finds the conformance data that lies beside the repository, in a folder <c>shared</c>.</summary>
public static class SharedData
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder beside the repository; it need not exist.</summary>
    public static string Root { get; } = Path.Combine(Path.GetDirectoryName(Repository)!, "shared");

    /// <summary>The path of a file or folder in the shared data; skips the calling test, loudly, where it is missing.</summary>
    public static string Require(string relative, [CallerMemberName] string test = "")
    {
        var path = Path.Combine(Root, relative);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Skip($"{test}: {relative} is not in the shared folder beside the repository; nothing was checked");
        }

        return path;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Flyball.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("tests run from inside the repository: no Flyball.slnx above " + AppContext.BaseDirectory);
    }
}
