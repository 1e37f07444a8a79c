using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SpanKind = Flyball.Model.Spans.SpanKind;
using SpanStatus = Flyball.Model.Spans.SpanStatus;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>The client most .NET services use, unchanged, against the receivers.</summary>
public class RealDotNetExporterTests
{
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Spans_of_the_opentelemetry_sdk_arrive_whole(OtlpExportProtocol protocol)
    {
        await using var server = await OtlpServer.StartAsync();
        var sourceName = "flyball.test." + protocol;
        using var source = new ActivitySource(sourceName, "3.1");
        using (var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(sourceName)
            .SetSampler(new AlwaysOnSampler())
            .ConfigureResource(r => r.AddService("shop", serviceInstanceId: "i-1"))
            .AddOtlpExporter(o =>
            {
                o.Protocol = protocol;
                o.Endpoint = protocol == OtlpExportProtocol.Grpc ? server.Grpc : new Uri(server.Http, "/v1/traces");
                o.ExportProcessorType = ExportProcessorType.Simple;
            })
            .Build())
        {
            Record(source);
            Assert.True(provider.ForceFlush(10_000));
        }

        var spans = server.Sink.Spans;
        Assert.Equal(["child", "parent"], spans.Select(s => s.Name));
        Assert.Equal(spans[1].Row.SpanId, spans[0].Row.ParentId);
        Assert.Equal(SpanKind.Client, spans[0].Row.Kind);
        Assert.Equal(SpanStatus.Error, spans[0].Row.Status);
        Assert.Equal("7", spans[0].Attributes["tries"]);
        Assert.Equal("cache miss key=a", Assert.Single(spans[0].Events));
        Assert.All(spans, s => Assert.Equal(("shop", sourceName), (s.Service, s.Scope)));
    }

    private static void Record(ActivitySource source)
    {
        using var parent = source.StartActivity("parent", ActivityKind.Server);
        using var child = source.StartActivity("child", ActivityKind.Client);
        child!.SetTag("tries", 7);
        child.AddEvent(new ActivityEvent("cache miss", tags: new ActivityTagsCollection { ["key"] = "a" }));
        child.SetStatus(ActivityStatusCode.Error, "timed out");
    }
}
