using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Flyball.Server.Tests.Support;

/// <summary>A Prometheus of the real kind, started for one test on a free loopback port.</summary>
/// <remarks>Taken from PATH, and, where set, from the folder that the variable <c>FLYBALL_PEERS</c> names (for newer ones).</remarks>
internal sealed class RealPrometheus : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flyball-peer-");
    private readonly HttpClient _client;

    private RealPrometheus(string program, string config, string? data)
    {
        var port = FreePort();
        var file = Path.Combine(_folder.FullName, "prometheus.yml");
        File.WriteAllText(file, config);
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            $"--config.file={file}", $"--storage.tsdb.path={data ?? Path.Combine(_folder.FullName, "data")}", $"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=100y", "--enable-feature=native-histograms",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, e) => Output += e.Data + "\n";
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>What it logged.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Programs there are to test against; skips the test when there is none.</summary>
    public static IReadOnlyList<string> Programs()
    {
        var folders = new[] { Environment.GetEnvironmentVariable("FLYBALL_PEERS") ?? "" }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'));
        var found = folders.Where(f => f.Length > 0).Select(f => Path.Combine(f, "prometheus")).Where(File.Exists).Distinct().Take(2).ToList();
        Assert.SkipWhen(found.Count == 0, "prometheus is not installed (apt-get install prometheus); the real one did not read");
        return found;
    }

    public static async Task<RealPrometheus> StartAsync(string program, string config, string? data = null)
    {
        var prometheus = new RealPrometheus(program, config, data);
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromSeconds(30) && !prometheus._process.HasExited)
        {
            try
            {
                using var ready = await prometheus._client.GetAsync("/-/ready", TestContext.Current.CancellationToken);
                if (ready.StatusCode == HttpStatusCode.OK)
                {
                    return prometheus;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        var output = prometheus.Output;
        await prometheus.DisposeAsync();
        Assert.Fail($"{program} did not become ready:\n{output}");
        return prometheus;
    }

    /// <summary>The data of an answer, as text that can be compared.</summary>
    public async Task<string> QueryAsync(string path)
    {
        var text = await _client.GetStringAsync(path, TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.False(body.TryGetProperty("warnings", out _), text);
        return body.GetProperty("data").GetProperty("result").GetRawText();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
