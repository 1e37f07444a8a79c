using System.Net;
using System.Text;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>A scrape target inside the test: every scrape sees the next value of a counter.</summary>
internal sealed class Exporter : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;
    private long _served;

    public Exporter()
    {
        Port = FlyballProcess.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _loop = ServeAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var body = Encoding.UTF8.GetBytes($"# TYPE e2e_scrapes_total counter\ne2e_scrapes_total {++_served}\n");
                context.Response.ContentType = "text/plain; version=0.0.4";
                context.Response.ContentLength64 = body.Length;
                await context.Response.OutputStream.WriteAsync(body);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // A scraper that is killed in the middle, or the end of the test.
            }
        }
    }
}
