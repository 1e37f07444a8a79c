using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Flyball.Bench.Peers.Processes;

/// <summary>One of the programs compared: started in a folder of its own on a free port of loopback, and always stopped by its number.</summary>
internal abstract partial class Peer(string program, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);

    private readonly Queue<string> _lastWords = new();
    private Process? _process;

    public abstract string Name { get; }

    /// <summary>Parameters every query carries so that no answer comes from a cache of answers.</summary>
    public virtual string QueryParameters => "";

    public HttpClient Http { get; private set; } = new();

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{Name} is not running");

    public string Folder => folder;

    protected string Program => program;

    /// <summary>Turns what is in memory into the form that stays on disk, as far as the program goes by itself.</summary>
    /// <returns>Bytes of that form, index included, log excluded.</returns>
    public abstract Task<long> CompactAsync(CancellationToken cancellationToken);

    /// <summary>Starts the program; it may not answer yet.</summary>
    public void Start()
    {
        Directory.CreateDirectory(folder);
        var port = FreePort();
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromMinutes(5),
        };
        var isAssembly = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isAssembly ? "dotnet" : program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (isAssembly)
        {
            start.ArgumentList.Add(program);
        }

        foreach (var argument in Arguments(port))
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until a query answers what it should.</summary>
    public async Task AnswersAsync(Func<Task<bool>> probe, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            ThrowIfGone();
            try
            {
                if (await probe())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet, or not ready.
            }

            if (watch.Elapsed > StartPatience)
            {
                throw new TimeoutException($"{Name} does not answer; its last words:\n{LastWords()}");
            }

            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>Waits until queries are answered at all.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken) =>
        AnswersAsync(async () => await ScalarAsync("vector(1)", 1_700_000_000_000, cancellationToken) == 1, cancellationToken);

    /// <summary>An instant query whose answer is one number.</summary>
    /// <returns>NaN when there is none.</returns>
    /// <exception cref="HttpRequestException">The program does not answer yet.</exception>
    public async Task<double> ScalarAsync(string query, long atMs, CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(
            new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}&time={atMs / 1000.0:F3}&timeout=120s{QueryParameters}", UriKind.Relative), cancellationToken);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException($"{Name} is not ready");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{Name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        var result = answer.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? double.NaN : double.Parse(result[0].GetProperty("value")[1].GetString()!);
    }

    public TimeSpan Cpu() => ProcFigures.Cpu(ProcessId);

    public MemoryFigures Memory() => ProcFigures.Memory(ProcessId);

    /// <summary>Waits until the program has been at rest for six seconds, at most <paramref name="patience"/>.</summary>
    /// <remarks>Six, because VictoriaMetrics writes what it has in memory every five.</remarks>
    public async Task RestAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var quiet = 0;
        var before = Cpu();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < patience && quiet < 12;)
        {
            await Task.Delay(500, cancellationToken);
            ThrowIfGone();
            var now = Cpu();
            quiet = now - before < TimeSpan.FromMilliseconds(20) ? quiet + 1 : 0;
            before = now;
        }
    }

    /// <summary>Ends the program as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Asks the program to end and waits until it has written what it wants to write.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        const int Terminate = 15;
        if (_process is { HasExited: false } process && Signal(process.Id, Terminate) == 0)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(StopPatience);
            await process.WaitForExitAsync(patience.Token);
        }

        await KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
    }

    protected abstract IEnumerable<string> Arguments(int port);

    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    protected static long SizeOf(params IEnumerable<string> folders) =>
        folders.Where(Directory.Exists).SelectMany(f => new DirectoryInfo(f).EnumerateFiles("*", SearchOption.AllDirectories)).Sum(f => f.Length);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private void ThrowIfGone()
    {
        if (_process is not { HasExited: false })
        {
            throw new InvalidOperationException($"{Name} ended by itself; its last words:\n{LastWords()}");
        }
    }

    private void Remember(string? line)
    {
        const int MostKept = 40;
        lock (_lastWords)
        {
            _lastWords.Enqueue(line ?? "");
            if (_lastWords.Count > MostKept)
            {
                _lastWords.Dequeue();
            }
        }
    }

    /// <summary>The last lines it wrote.</summary>
    public string LastWords()
    {
        lock (_lastWords)
        {
            return string.Join('\n', _lastWords);
        }
    }
}
