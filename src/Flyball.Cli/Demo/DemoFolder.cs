using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Flyball.Cli.Demo;

/// <summary>The temporary folder of a demo: configuration, scripts, the shop's home, logs.</summary>
internal sealed class DemoFolder
{
    private const string Prefix = "demo/";

    private DemoFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Configuration, rules and scripts.</summary>
    public string Pipeline => System.IO.Path.Combine(Path, "pipeline");

    /// <summary>What shop and pipeline write.</summary>
    public string ShopHome => System.IO.Path.Combine(Path, "shop");

    /// <summary>The server's data, unless it is kept elsewhere.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>A log of one of the programs.</summary>
    public string Log(string name) => System.IO.Path.Combine(Path, name + ".log");

    /// <summary>Makes the folder and writes everything into it that is the same for every demo.</summary>
    public static DemoFolder Create()
    {
        var folder = new DemoFolder(Directory.CreateTempSubdirectory("flyball-demo-").FullName);
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var target = System.IO.Path.Combine(folder.Pipeline, name[Prefix.Length..]);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            using (var source = assembly.GetManifestResourceStream(name)!)
            using (var file = File.Create(target))
            {
                source.CopyTo(file);
            }

            if (target.EndsWith(".sh", StringComparison.Ordinal) && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        Directory.CreateDirectory(folder.ShopHome);
        return folder;
    }

    /// <summary>Fills in what differs: addresses and programs.</summary>
    /// <returns>The configuration file.</returns>
    public string Configure(Uri server, int shopPort)
    {
        var file = System.IO.Path.Combine(Pipeline, "flyball.yml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("127.0.0.1:8080", $"127.0.0.1:{shopPort}", StringComparison.Ordinal));

        // The server gives its actions a small environment, so what the scripts need stands in a file beside them.
        var settings = new List<(string Name, string Value)>
        {
            ("FLYBALL_SERVER", server.ToString().TrimEnd('/')),
            ("FLYBALL_SPOOL", System.IO.Path.Combine(Path, "spool")),
            ("SHOP_HOME", ShopHome),
            ("SHOP_PORT", $"{shopPort}"),
            ("SHOP_PROGRAM", DemoPrograms.Shop),
            ("STEP", DemoPrograms.Step),
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            settings.Add(("DOTNET_ROOT", root));
        }

        var lines = settings.Select(s => $"export {s.Name}='{s.Value.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        File.WriteAllText(System.IO.Path.Combine(Pipeline, "settings.sh"), string.Join('\n', lines) + "\n");
        return file;
    }

    /// <summary>A loopback port that is free now, the preferred one if possible.</summary>
    public static int FreePort(int preferred = 0)
    {
        foreach (var port in (int[])[preferred, 0])
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // taken: any other will do
            }
        }

        throw new Commands.CommandException("this machine has no free loopback port");
    }
}
