using Flyball.Cli.Commands;

namespace Flyball.Cli.Demo;

/// <summary>Everything that runs during a demo, started and ended in order.</summary>
internal sealed class DemoStage : IAsyncDisposable
{
    private static readonly TimeSpan ServerGrace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly DemoOptions _options;
    private readonly TimeProvider _time;
    private readonly DemoFolder _folder = DemoFolder.Create();
    private readonly Stack<object> _open = new();
    private readonly int _shopPort = DemoFolder.FreePort();
    private readonly string _listen;
    private BackgroundProgram? _server;
    private bool _keep;

    /// <summary>Prepares the folder; nothing runs yet.</summary>
    public DemoStage(DemoOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _keep = options.Keep;
        _listen = options.Listen ?? $"127.0.0.1:{DemoFolder.FreePort(9090)}";
        Address = new Uri("http://" + (_listen.StartsWith(':') ? "127.0.0.1" + _listen : _listen));
        Api = new DemoApi(Address);
        _open.Push(Api);
    }

    /// <summary>Where the server is.</summary>
    public Uri Address { get; }

    /// <summary>The server's API.</summary>
    public DemoApi Api { get; }

    /// <summary>The server's stream of changes.</summary>
    public DemoEvents Events { get; private set; } = null!;

    /// <summary>The customers.</summary>
    public DemoLoad Load { get; private set; } = null!;

    /// <summary>The temporary folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>The server's data directory.</summary>
    public string Data => _options.DataDirectory is { } folder ? Path.GetFullPath(folder) : _folder.Data;

    /// <summary>Starts the server; it is not ready yet.</summary>
    public void StartServer()
    {
        var config = _folder.Configure(Address, _shopPort);
        _server = Start(
            "server",
            [.. DemoPrograms.Self, "serve", "--config", config, "--data", Data, "--listen", _listen, "--otlp-grpc", "none", "--otlp-http", "none"],
            ServerGrace);
        Events = new DemoEvents(Api, _time);
        _open.Push(Events);
    }

    /// <summary>Starts the shop in its first version.</summary>
    public void StartShop() => Start("shop", ["./supervisor.sh"], Grace);

    /// <summary>Starts the customers.</summary>
    public void StartLoad()
    {
        Load = new DemoLoad(new Uri($"http://127.0.0.1:{_shopPort}"), _time);
        _open.Push(Load);
    }

    /// <summary>Starts a run of the pipeline.</summary>
    public BackgroundProgram StartPipeline(string runId) => Start("pipeline", ["./run.sh", runId], Grace);

    /// <summary>Last lines of a program's log.</summary>
    public string LogTail(string name, int lines)
    {
        var file = _folder.Log(name);
        return File.Exists(file) ? string.Join('\n', File.ReadLines(file).TakeLast(lines)) : "";
    }

    /// <summary>Fails when the server has ended: nothing more will happen then.</summary>
    public void CheckServer()
    {
        if (_server is { HasExited: true })
        {
            throw new CommandException($"the server ended; its last words:\n{LogTail("server", 12)}");
        }
    }

    /// <summary>Leaves the folder behind when everything has ended.</summary>
    public void KeepFolder() => _keep = true;

    /// <summary>Waits until the server ends or the user has seen enough.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server!.WaitAsync(cancellationToken);
            CheckServer();
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how a look around ends.
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Last started, first ended: customers, pipeline, shop, and the server when nobody talks to it any more.
        while (_open.TryPop(out var part))
        {
            if (part is IAsyncDisposable program)
            {
                await program.DisposeAsync();
            }
            else
            {
                ((IDisposable)part).Dispose();
            }
        }

        if (!_keep)
        {
            Directory.Delete(_folder.Path, recursive: true);
        }
    }

    private BackgroundProgram Start(string name, IReadOnlyList<string> command, TimeSpan grace)
    {
        var program = BackgroundProgram.Start(command, _folder.Pipeline, _folder.Log(name), _time, grace);
        _open.Push(program);
        return program;
    }
}
