using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Version of a peer, which says what of the language it has.</summary>
internal readonly record struct PeerVersion(int Major, int Minor)
{
    public bool IsAtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);
}

/// <summary>A real Prometheus, started for a test with the data of the test and nothing else.</summary>
internal sealed partial class PeerPrometheus : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http;

    private PeerPrometheus(Process process, DirectoryInfo folder, HttpClient http)
    {
        _process = process;
        _folder = folder;
        _http = http;
    }

    /// <summary>The program: what <c>FLYBALL_PEER_PROMETHEUS</c> names, or Debian's.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("FLYBALL_PEER_PROMETHEUS") is { Length: > 0 } named ? named : "/usr/bin/prometheus";

    /// <summary>Its version; skips the test where there is none.</summary>
    public static async Task<PeerVersion> RequireAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there (Debian package prometheus); nothing was compared");
        using var process = Process.Start(new ProcessStartInfo(Program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken) + await process.StandardError.ReadToEndAsync(cancellationToken);
        var version = Version().Match(text);
        Assert.True(version.Success, text);
        return new PeerVersion(int.Parse(version.Groups[1].Value), int.Parse(version.Groups[2].Value));
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<PeerPrometheus> StartAsync(string features, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("flyball-peer-");
        var config = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(config, "global: {evaluation_interval: 1m}\n", cancellationToken);
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(Program)
        {
            ArgumentList =
            {
                $"--config.file={config}", $"--storage.tsdb.path={folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}",
                "--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y", "--log.level=error", $"--enable-feature={features}",
            },
        })!;
        var peer = new PeerPrometheus(process, folder, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
        while (!await peer.IsReadyAsync(cancellationToken))
        {
            Assert.False(process.HasExited, $"{Program} ended while it was starting");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await pause.WaitForNextTickAsync(cancellationToken);
        }

        return peer;
    }

    /// <summary>Writes all data, in the order of time: a series may be float and histogram in turn.</summary>
    public async Task WriteAsync(PeerData data, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var row = data.Series.Where(s => i < s.Value.Count).Select(s => (s.Key, s.Value[i].AtMs, s.Value[i].Value, s.Value[i].Histogram)).ToList();
            if (row.Count == 0)
            {
                return;
            }

            using var body = new ByteArrayContent(WriteRequest.Encode(row));
            body.Headers.Add("Content-Encoding", "snappy");
            body.Headers.Add("Content-Type", "application/x-protobuf");
            body.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
            using var answer = await _http.PostAsync(new Uri("/api/v1/write", UriKind.Relative), body, cancellationToken);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    /// <summary>The answer to a query, whatever its status.</summary>
    public async Task<JsonElement> AskAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(question.ToForm());
        using var answer = await _http.PostAsync(new Uri(question.IsRange ? "/api/v1/query_range" : "/api/v1/query", UriKind.Relative), form, cancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        return json.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"version (\d+)\.(\d+)")]
    private static partial Regex Version();
}

/// <summary>A query and its times.</summary>
internal sealed record PeerQuestion(QueryTree Query, long StartMs, long EndMs, long StepMs, bool IsRange)
{
    /// <summary>Whether the samples of each step are asked for too.</summary>
    public bool WithStatistics { get; init; }

    public IEnumerable<KeyValuePair<string, string>> ToForm()
    {
        static string Seconds(long ms) => (ms / 1000m).ToString(System.Globalization.CultureInfo.InvariantCulture);
        yield return new("query", Query.ToString());
        if (WithStatistics)
        {
            yield return new("stats", "all");
        }

        if (!IsRange)
        {
            yield return new("time", Seconds(StartMs));
            yield break;
        }

        yield return new("start", Seconds(StartMs));
        yield return new("end", Seconds(EndMs));
        yield return new("step", Seconds(StepMs));
    }

    /// <summary>The same at each step alone.</summary>
    public IEnumerable<PeerQuestion> Steps()
    {
        static string At(long ms) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"@ {ms / 1000m}");
        var pinned = new QueryTree(Query.Kind, Query.ToString().Replace("@ start()", At(StartMs)).Replace("@ end()", At(EndMs - ((EndMs - StartMs) % StepMs))));
        for (var at = StartMs; at <= EndMs; at += StepMs)
        {
            yield return new PeerQuestion(pinned, at, at, 0, IsRange: false);
        }
    }

    /// <summary>Questions with less in them.</summary>
    public IEnumerable<PeerQuestion> Smaller()
    {
        if (IsRange)
        {
            yield return this with { EndMs = StartMs, IsRange = false };
            yield return this with { StartMs = EndMs, IsRange = false };
            var half = (EndMs - StartMs) / StepMs / 2 * StepMs;
            if (half > 0)
            {
                yield return this with { EndMs = StartMs + half };
                yield return this with { StartMs = StartMs + half };
            }
        }

        foreach (var query in Query.Smaller())
        {
            yield return this with { Query = query };
        }
    }

    public override string ToString() => string.Join("  ", ToForm().Select(f => $"{f.Key}={f.Value}"));
}
