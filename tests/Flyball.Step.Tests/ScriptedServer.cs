using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Flyball.Step.Tests;

/// <summary>What a scripted server does with a request.</summary>
internal enum Manner
{
    /// <summary>Answers 200.</summary>
    Accept,

    /// <summary>Reads the request and never answers.</summary>
    Hang,

    /// <summary>Closes the connection after having read.</summary>
    HangUp,

    /// <summary>Answers with something that is not HTTP.</summary>
    Babble,

    /// <summary>Answers byte by byte with an interim response in front.</summary>
    Drip,

    /// <summary>Answers with <see cref="ScriptedServer.Status"/>.</summary>
    Refuse,
}

/// <summary>A server on a loopback port that keeps what it is sent.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<(string Path, string Head, byte[] Body)> _requests = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _loop;

    public ScriptedServer(Manner manner = Manner.Accept, int port = 0)
    {
        Manner = manner;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public Manner Manner { get; set; }

    public int Status { get; set; } = 503;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public IReadOnlyList<(string Path, string Head, byte[] Body)> Requests => [.. _requests];

    /// <summary>Every span received, in order of arrival.</summary>
    public IReadOnlyList<SentSpan> Spans
    {
        get
        {
            var spans = new List<SentSpan>();
            foreach (var (path, _, body) in _requests)
            {
                if (path == "/v1/traces")
                {
                    spans.AddRange(SentSpan.ReadAll(body));
                }
            }

            return spans;
        }
    }

    /// <summary>Every announcement received.</summary>
    public IReadOnlyList<JsonElement> Announcements =>
        [.. _requests.Where(r => r.Path == "/hooks/step").Select(r => JsonDocument.Parse(r.Body).RootElement)];

    /// <summary>A port on which nobody listens.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _loop;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            var stream = client.GetStream();
            var request = await ReadAsync(stream);
            if (request is not null)
            {
                _requests.Enqueue(request.Value);
                await AnswerAsync(stream);
            }
        }
        catch (IOException)
        {
            // the step went away
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    private async Task<(string Path, string Head, byte[] Body)?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[16384];
        while (true)
        {
            var headEnd = Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (headEnd >= 0)
            {
                var head = Encoding.Latin1.GetString([.. bytes], 0, headEnd);
                var length = int.Parse(head.Split("Content-Length: ")[1].Split("\r\n")[0], null);
                if (bytes.Count >= headEnd + 4 + length)
                {
                    return (head.Split(' ')[1], head, [.. bytes.Skip(headEnd + 4).Take(length)]);
                }
            }

            var count = await stream.ReadAsync(buffer, _stopping.Token);
            if (count == 0)
            {
                return null;
            }

            bytes.AddRange(buffer.AsSpan(0, count));
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        switch (Manner)
        {
            case Manner.Accept:
                await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
                break;
            case Manner.Refuse:
                await WriteAsync(stream, $"HTTP/1.1 {Status} No\r\nContent-Length: 0\r\n\r\n");
                break;
            case Manner.Babble:
                await WriteAsync(stream, "SSH-2.0-OpenSSH_9.2p1\r\n\r\n");
                break;
            case Manner.Drip:
                foreach (var c in "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n")
                {
                    await WriteAsync(stream, c.ToString());
                }

                break;
            case Manner.Hang:
                await Task.Delay(Timeout.Infinite, _stopping.Token);
                break;
            default:
                break;
        }
    }

    private async Task WriteAsync(NetworkStream stream, string text) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stopping.Token);
}
