using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Model.Wire;
using Flyball.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.Support;

/// <summary>A whole server in the test's process, on a free loopback port, with a folder that is gone afterwards.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private RunningServer(DirectoryInfo folder, FlyballServer server)
    {
        _folder = folder;
        Server = server;
        Client = new HttpClient { BaseAddress = server.Address };
    }

    public FlyballServer Server { get; }

    public HttpClient Client { get; }

    public string Folder => _folder.FullName;

    public string ConfigFile => Path.Combine(_folder.FullName, "flyball.yml");

    public static Task<RunningServer> StartAsync(string config = "host: {enabled: false}\n", params (string Name, string Text)[] files) =>
        StartAsync(config, options => options, files);

    public static async Task<RunningServer> StartAsync(
        string config, Func<ServerOptions, ServerOptions> change, params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("flyball-server-");
        foreach (var (name, text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), text);
        }

        var file = Path.Combine(folder.FullName, "flyball.yml");
        await File.WriteAllTextAsync(file, config);
        var options = new ServerOptions
        {
            ConfigFile = file,
            DataDirectory = Path.Combine(folder.FullName, "data"),
            Listen = new ListenAddress(IPAddress.Loopback, 0),
            OtlpGrpc = "none",
            OtlpHttp = "none",
            EnableAdminApi = true,
        };
        return new RunningServer(folder, await FlyballServer.StartAsync(change(options), NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Stores samples by remote write 1.0.</summary>
    public async Task WriteAsync(params IEnumerable<(LabelSet Labels, IReadOnlyList<(long AtMs, double Value)> Samples)> series)
    {
        var request = new WireWriter();
        foreach (var (labels, samples) in series)
        {
            var one = request.Begin(1);
            foreach (var (name, value) in labels.AsPairs())
            {
                var label = request.Begin(1);
                request.Text(1, name);
                request.Text(2, value);
                request.End(label);
            }

            foreach (var (atMs, value) in samples)
            {
                var sample = request.Begin(2);
                request.DoubleAlways(1, value);
                request.Varint(2, (ulong)atMs);
                request.End(sample);
            }

            request.End(one);
        }

        var body = new ArrayBufferWriter<byte>();
        Snappy.Encode(request.Written, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var response = await Client.PostAsync("/api/v1/write", content, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
