using System.ComponentModel;
using System.Diagnostics;
using Flyball.Model.Spans;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>The OpenTelemetry SDK for Node, unchanged, against the receivers. Its packages are installed once, by their lock file.</summary>
public class RealNodeClientTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "Flyball.Ingest.Tests", "Otlp", "node-client");

    private static readonly SemaphoreSlim Installing = new(1);

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/json")]
    [InlineData("http/protobuf")]
    public async Task Spans_of_the_node_sdk_arrive_whole(string protocol)
    {
        await InstallAsync();
        await using var server = await OtlpServer.StartAsync();
        var url = protocol == "grpc" ? server.Grpc : new Uri(server.Http, "/v1/traces");
        var (code, output) = await RunAsync("node", "export.mjs", protocol, url.ToString());
        Assert.True(code == 0, output);

        var spans = server.Sink.Spans.OrderBy(s => s.Name).ToList();
        Assert.True(spans.Count == 2, output);
        var (child, parent) = (spans[0], spans[1]);
        Assert.Equal(("child", "parent"), (child.Name, parent.Name));
        Assert.Equal(parent.Row.SpanId, child.Row.ParentId);
        Assert.Equal(parent.Row.TraceId, child.Row.TraceId);
        Assert.Equal((SpanKind.Server, SpanKind.Internal), (parent.Row.Kind, child.Row.Kind));
        Assert.Equal(SpanStatus.Error, child.Row.Status);
        Assert.Equal(("7", "false", "0.5"), (child.Attributes["tries"], child.Attributes["ok"], parent.Attributes["ratio"]));
        Assert.Equal("0A030A01610A030A0162", parent.Attributes["tags"]);
        Assert.Equal("cache miss key=ä", Assert.Single(child.Events));
        Assert.All(spans, s => Assert.Equal(("node-shop", "node-lib"), (s.Service, s.Scope)));
    }

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync(Stop);
        try
        {
            if (Directory.Exists(Path.Combine(Folder, "node_modules", "@opentelemetry", "api")))
            {
                return;
            }

            var (code, output) = await RunAsync("npm", "ci", "--no-audit", "--no-fund");
            if (code != 0)
            {
                Assert.Skip($"npm ci in {Folder} failed, so the real Node client was not tried: {output}");
            }
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed, so the real Node client was not tried");
        }

        var output = process.StandardOutput.ReadToEndAsync(Stop);
        var errors = process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output + await errors);
    }
}
