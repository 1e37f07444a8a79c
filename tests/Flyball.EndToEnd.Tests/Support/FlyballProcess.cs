using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>A real <c>flyball serve</c> on free loopback ports, which tests may stop or kill.</summary>
internal sealed class FlyballProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _output = new();
    private readonly string _configFile;
    private Process? _process;

    public FlyballProcess(string folder, string config)
    {
        Folder = folder;
        DataDirectory = Path.Combine(folder, "data");
        _configFile = Path.Combine(folder, "flyball.yml");
        Http = FreePort();
        OtlpHttp = FreePort();
        OtlpGrpc = FreePort();
        File.WriteAllText(_configFile, config);
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Http}"), Timeout = TimeSpan.FromSeconds(20) };
    }

    public string Folder { get; }

    public string DataDirectory { get; }

    public int Http { get; }

    public int OtlpHttp { get; }

    public int OtlpGrpc { get; }

    public HttpClient Client { get; }

    public int Id => _process?.Id ?? 0;

    public bool HasExited => _process?.HasExited ?? true;

    public int ExitCode => _process?.ExitCode ?? -1;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The built program beside this test's own build.</summary>
    public static string Program
    {
        get
        {
            var build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            var path = Path.Combine(build.Parent!.Parent!.FullName, "Flyball.Cli", build.Name, "flyball");
            return File.Exists(path) ? path : throw new FileNotFoundException("the program has not been built in this configuration", path);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void WriteConfig(string config) => File.WriteAllText(_configFile, config);

    /// <summary>Starts the server and waits until it is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        foreach (var argument in (string[])
            [
                "serve", "--config", _configFile, "--data", DataDirectory, "--listen", $"127.0.0.1:{Http}",
                "--otlp-grpc", $"127.0.0.1:{OtlpGrpc}", "--otlp-http", $"127.0.0.1:{OtlpHttp}",
            ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["FLYBALL_CONSOLE_DIR"] = Path.Combine(Flyball.Testing.SharedData.Repository, "web", "dist");
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.BecomesTrueAsync(IsReadyAsync, StartPatience, () => "the server does not become ready:\n" + Output, cancellationToken);
    }

    /// <summary>Kills the process as the kernel would: no handler runs.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks it to stop and waits for it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false })
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
            await _process.WaitForExitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (HasExited)
        {
            throw new InvalidOperationException($"the server ended with code {ExitCode}:\n{Output}");
        }

        try
        {
            using var response = await Client.GetAsync("/-/ready", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
