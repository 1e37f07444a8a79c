using Flyball.Cli.Commands;

namespace Flyball.Cli.Demo;

/// <summary>Finds the programs the demo starts: this one, the step wrapper and the shop.</summary>
internal static class DemoPrograms
{
    /// <summary>The step wrapper.</summary>
    public static string Step => Find("Flyball.Step", "flyball-step");

    /// <summary>The shop.</summary>
    public static string Shop => Find("Shop", "shop");

    /// <summary>This program as a command line: its host may be <c>dotnet</c>.</summary>
    public static IReadOnlyList<string> Self
    {
        get
        {
            var host = Environment.ProcessPath ?? throw new CommandException("the system does not say which program this is");
            return Path.GetFileNameWithoutExtension(host) == "dotnet"
                ? [host, Path.Combine(AppContext.BaseDirectory, "flyball.dll")]
                : [host];
        }
    }

    // Beside this program where it is installed; where ./flyball builds it, beside the product's folder; in the neighbouring project's
    // folder where it was built with all others.
    private static string Find(string project, string name)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var flavour = Path.GetFileName(here);
        string[] places =
        [
            Path.Combine(here, name),
            Path.Combine(here, "..", "bin", project, "release", name),
            Path.Combine(here, "..", "..", project, flavour, name),
            Path.Combine(here, "..", "..", project, "release", name),
            Path.Combine(here, "..", "..", project, "debug", name),
        ];
        return places.FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw new CommandException($"the demo needs {name} and did not find it beside {here}; start it as ./flyball demo, which builds what is missing");
    }
}
