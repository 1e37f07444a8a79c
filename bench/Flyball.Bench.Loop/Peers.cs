using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Flyball.Bench.Loop;

/// <summary>Starts the programs that are measured, with settings as quick as each allows for a 1 s scrape interval.</summary>
internal static class Peers
{
    public static async Task<FlyballPeer> StartFlyballAsync(World world, string folder)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var program = Path.Combine(build.Parent!.Parent!.FullName, "Flyball.Cli", "release", "flyball");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException("build the program first: ./flyball --help", program);
        }

        var config = Path.Combine(folder, "flyball.yml");
        await File.WriteAllTextAsync(Path.Combine(folder, "flyball-rules.yml"), """
            groups:
              - name: loop
                interval: 1s
                reactive: true
                rules:
                  - alert: TaskFailed
                    expr: ci_task_failing == 1
                    labels: {id: "{{ $labels.run_id }}"}
                  - alert: Fault
                    expr: fault == 1
            """);
        await File.WriteAllTextAsync(config, $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            host: {enabled: false}
            scrape_configs:
              - job_name: world
                static_configs: [{targets: ["{{world.Address.Authority}}"]}]
            rule_files: [flyball-rules.yml]
            actions:
              - name: call
                http: {url: "{{world.Address}}action/{% raw %}", method: POST}
            policies:
              - name: call
                alerts: ['alertname=~"TaskFailed|Fault"']
                action: call
                concurrency: 16
            """.Replace("{% raw %}", "{{ .Labels.id }}", StringComparison.Ordinal));
        var port = FreePort();
        var process = Start(program, "serve", "--config", config, "--data", Path.Combine(folder, "flyball"), "--listen", $"127.0.0.1:{port}", "--otlp-grpc", "none", "--otlp-http", "none");
        var address = new Uri($"http://127.0.0.1:{port}");
        await ReadyAsync(new Uri(address, "/-/ready"), process);
        return new FlyballPeer(address, process);
    }

    /// <summary>Starts Prometheus and Alertmanager; null, with a word why, when they are not installed.</summary>
    public static async Task<Processes?> StartPrometheusAsync(World world, string folder)
    {
        const string Prometheus = "/usr/bin/prometheus", Alertmanager = "/usr/bin/prometheus-alertmanager";
        if (!File.Exists(Prometheus) || !File.Exists(Alertmanager))
        {
            Console.Error.WriteLine("peers are not installed; for the comparison: apt-get install prometheus prometheus-alertmanager");
            return null;
        }

        var alertmanagerPort = FreePort();
        var prometheusPort = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.yml"), """
            groups:
              - name: loop
                interval: 1s
                rules:
                  - alert: Fault
                    expr: fault == 1
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            scrape_configs:
              - job_name: world
                static_configs: [{targets: ["{{world.Address.Authority}}"]}]
            rule_files: [rules.yml]
            alerting:
              alertmanagers:
                - static_configs: [{targets: ["127.0.0.1:{{alertmanagerPort}}"]}]
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "alertmanager.yml"), $$"""
            route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s}
            receivers:
              - name: hook
                webhook_configs: [{url: "{{world.Address}}webhook", send_resolved: false}]
            """);
        var alertmanager = Start(
            Alertmanager, $"--config.file={folder}/alertmanager.yml", $"--storage.path={folder}/alertmanager", $"--web.listen-address=127.0.0.1:{alertmanagerPort}",
            "--cluster.listen-address=");
        var prometheus = Start(
            Prometheus, $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/prometheus", $"--web.listen-address=127.0.0.1:{prometheusPort}");
        await ReadyAsync(new Uri($"http://127.0.0.1:{alertmanagerPort}/-/ready"), alertmanager);
        await ReadyAsync(new Uri($"http://127.0.0.1:{prometheusPort}/-/ready"), prometheus);
        return new Processes(alertmanager, prometheus);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task ReadyAsync(Uri probe, Process process)
    {
        using var http = new HttpClient();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} ended with code {process.ExitCode}");
            }

            try
            {
                using var response = await http.GetAsync(probe);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"{probe} does not become ready");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A running Flyball.</summary>
internal sealed class FlyballPeer(Uri address, Process process) : IAsyncDisposable
{
    public static implicit operator Uri(FlyballPeer peer) => peer.ToUri();

    public Uri ToUri() => address;

    public ValueTask DisposeAsync() => new Processes(process).DisposeAsync();
}

/// <summary>Programs that end when this does.</summary>
internal sealed class Processes(params Process[] processes) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
