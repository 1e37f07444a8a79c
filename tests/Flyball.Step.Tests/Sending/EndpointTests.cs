using Flyball.Step.Detection;
using Flyball.Step.Sending;

namespace Flyball.Step.Tests.Sending;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9090/v1/traces", "http://127.0.0.1:9090/v1/traces")]
    [InlineData("HTTP://host/x?y=1", "http://host/x?y=1")]
    [InlineData("https://host", "https://host/")]
    [InlineData("http://[::1]:4318/x", "http://[::1]:4318/x")]
    [InlineData("http://user:secret@host/x", "http://host/x")]
    [InlineData("http://host:80/x", "http://host/x")]
    [InlineData("ftp://host/x", null)]
    [InlineData("host:4318", null)]
    [InlineData("http://", null)]
    [InlineData("http://host:0/", null)]
    [InlineData("http://host:70000/", null)]
    [InlineData("http://host:abc/", null)]
    [InlineData("http://ho st/", null)]
    [InlineData("http://host/a\r\nX: y", null)]
    public void Addresses_are_read_or_refused(string text, string? expected) =>
        Assert.Equal(expected, Endpoint.Parse(text, "")?.ToString());

    [Theory]
    [InlineData("http://a:1", "FLYBALL_SERVER=http://b:2", "http://a:1/v1/traces", "http://a:1/hooks/step")]
    [InlineData(null, "FLYBALL_SERVER=http://b:2/ OTEL_EXPORTER_OTLP_ENDPOINT=http://c:3", "http://b:2/v1/traces", "http://b:2/hooks/step")]
    [InlineData(null, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:3/", "http://c:3/v1/traces", null)]
    [InlineData(null, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://d:4/own OTEL_EXPORTER_OTLP_ENDPOINT=http://c:3", "http://d:4/own", null)]
    [InlineData(null, "A=b", "http://127.0.0.1:4318/v1/traces", "http://127.0.0.1:9090/hooks/step")]
    public void The_first_setting_that_is_there_decides(string? option, string variables, string traces, string? started)
    {
        var endpoints = Endpoints.Of(option, Variables(variables));

        Assert.Equal(traces, endpoints.Traces!.ToString());
        Assert.Equal(started, endpoints.Started?.ToString());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=Authorization=Basic%20abc,x-scope=7", "Authorization: Basic abc\r\nx-scope: 7\r\n")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=x=a%0d%0aInjected:%20y", "")]
    [InlineData("FLYBALL_TOKEN=abc", "Authorization: Bearer abc\r\n")]
    public void Headers_come_from_variables_and_cannot_smuggle_others(string variables, string headers) =>
        Assert.Equal(headers, Endpoints.Of(null, Variables(variables)).Traces!.Headers);

    private static Variables Variables(string text) =>
        new(text.Split(' ').ToDictionary(v => v.Split('=')[0], v => v.Split('=', 2)[1]));
}
