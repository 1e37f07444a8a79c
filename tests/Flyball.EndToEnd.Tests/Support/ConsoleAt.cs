using Microsoft.Playwright;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>A server of its own and a browser window to look at its console.</summary>
internal sealed class ConsoleAt : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private ConsoleAt(TemporaryFolder folder, FlyballProcess server, Browser browser)
    {
        _folder = folder;
        Server = server;
        Browser = browser;
    }

    public FlyballProcess Server { get; }

    public Browser Browser { get; }

    public static async Task<ConsoleAt> StartAsync(string config, CancellationToken cancellationToken)
    {
        var browser = await Browser.OpenAsync(ColorScheme.Light);
        var folder = new TemporaryFolder();
        var server = new FlyballProcess(folder.Path, config);
        await server.StartAsync(cancellationToken);
        return new ConsoleAt(folder, server, browser);
    }

    public string Address(string path) => $"http://127.0.0.1:{Server.Http}{path}";

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
