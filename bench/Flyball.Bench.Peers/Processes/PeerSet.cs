using System.Security.Cryptography;
using System.Text;

namespace Flyball.Bench.Peers.Processes;

/// <summary>Which programs take part, and where they are.</summary>
internal sealed class PeerSet(BenchOptions options)
{
    /// <summary>The programs in turn; each is to be disposed by whoever walks.</summary>
    /// <param name="folder">Each gets a folder of its name in it.</param>
    public IEnumerable<Peer> In(string folder)
    {
        string[] known = ["prometheus", "victoriametrics", "flyball"];
        foreach (var name in known.Where(n => options.Only.Length == 0 || options.Only.Contains(n, StringComparer.OrdinalIgnoreCase)))
        {
            // A build named on the command line has stores of its own: its formats may not be ours.
            var own = Path.Combine(folder, name == "flyball" && options.Flyball.Length > 0 ? $"flyball-{BuildKey():x8}" : name);
            yield return name switch
            {
                "prometheus" => new PrometheusPeer(Installed("prometheus"), own),
                "victoriametrics" => new VictoriaMetricsPeer(Installed("victoria-metrics"), own),
                _ => new FlyballPeer(Flyball(), own, options.SpanMetrics),
            };
        }
    }

    private string Installed(string name)
    {
        var path = Path.Combine(options.Peers, "usr", "bin", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; fetch the peers with bench/peers/get-peers.sh {options.Peers}");
    }

    private uint BuildKey() => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Flyball))));

    private string Flyball()
    {
        // artifacts/bin/Flyball.Bench.Peers/release/ → artifacts/product/: what people run
        var path = options.Flyball.Length > 0
            ? Path.GetFullPath(options.Flyball)
            : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "product", "flyball"));
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; build it with ./flyball --help, or name it with --flyball");
    }
}
