using Flyball.Testing;

namespace Flyball.House;

/// <summary>The repository's files as the house rules see them: paths relative to the root, with forward slashes.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".git", ".toolchain", "artifacts", "node_modules", "dist"];

    public static string Root => SharedData.Repository;

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static bool Exists(string relative) => File.Exists(PathOf(relative)) || Directory.Exists(PathOf(relative));

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Every file of ours whose name matches, in byte order.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Walk(new DirectoryInfo(Root), pattern).Select(f => Path.GetRelativePath(Root, f.FullName)).Order(StringComparer.Ordinal);

    /// <summary>Names of the projects in <c>src/</c>.</summary>
    public static IEnumerable<string> Rooms() =>
        Directory.EnumerateDirectories(PathOf("src"))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => File.Exists(PathOf($"src/{name}/{name}.csproj")))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder, string pattern)
    {
        foreach (var file in folder.EnumerateFiles(pattern))
        {
            yield return file;
        }

        foreach (var inner in folder.EnumerateDirectories().Where(d => !NotOurs.Contains(d.Name)))
        {
            foreach (var file in Walk(inner, pattern))
            {
                yield return file;
            }
        }
    }
}
