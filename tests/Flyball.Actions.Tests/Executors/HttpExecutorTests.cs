using System.Net;
using Flyball.Actions.Executors;
using Flyball.Testing;

namespace Flyball.Actions.Tests.Executors;

public sealed class HttpExecutorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", new[] { 200 }, true, 1)]
    [InlineData("POST", new[] { 204 }, true, 1)]
    [InlineData("POST", new[] { 302 }, false, 1)]
    [InlineData("POST", new[] { 503, 200 }, false, 1)]
    [InlineData("PUT", new[] { 503, 429, 200 }, true, 3)]
    [InlineData("PUT", new[] { 503, 503, 503, 200 }, false, 3)]
    [InlineData("GET", new[] { 404, 200 }, false, 1)]
    [InlineData("POST", new[] { -1, 200 }, true, 2)]
    [InlineData("POST", new[] { -2, 200 }, false, 1)]
    [InlineData("DELETE", new[] { -2, 200 }, true, 2)]
    public async Task It_is_sent_again_only_where_that_is_safe(string method, int[] answers, bool succeeded, int tries)
    {
        using var script = new Scripted(answers);
        using var executor = new HttpExecutor(TimeProvider.System, script);

        var outcome = await executor.RunAsync(Request(method), Stop);

        Assert.Equal((succeeded, tries), (outcome.Succeeded, script.Requests.Count));
    }

    [Fact]
    public async Task Headers_body_and_key_are_sent_and_secrets_do_not_come_back()
    {
        using var script = new Scripted([200]) { Echo = true };
        using var executor = new HttpExecutor(TimeProvider.System, script);

        var outcome = await executor.RunAsync(
            Request("POST") with { Body = "{}", Headers = [new("Authorization", "Bearer hush-hush"), new("Content-Type", "text/x")] }, Stop);

        Assert.Contains("Idempotency-Key: e1", script.Requests[0], StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer hush-hush", script.Requests[0], StringComparison.Ordinal);
        Assert.Contains("text/x", script.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_in_time_is_an_outcome()
    {
        using var script = new Scripted([0]);
        var clock = new TestClock();
        using var executor = new HttpExecutor(clock, script);
        var running = executor.RunAsync(Request("POST"), Stop);

        clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Contains("no answer after 20 s", (await running).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("/relative")]
    public async Task An_address_that_is_none_is_said(string url)
    {
        using var script = new Scripted([200]);
        using var executor = new HttpExecutor(TimeProvider.System, script);

        Assert.False((await executor.RunAsync(Request("POST") with { Url = url }, Stop)).Succeeded);
    }

    private static PreparedAction Request(string method) =>
        new("e1", "p", "a", TimeSpan.FromSeconds(20)) { Url = "http://127.0.0.1:1/x", Method = method };

    /// <summary>Answers by script: a status, 0 = never, -1 = no connection, -2 = the connection breaks after the request was sent.</summary>
    private sealed class Scripted(int[] answers) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        public bool Echo { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = answers[Requests.Count];
            Requests.Add(request.ToString());
            switch (answer)
            {
                case 0:
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case -1:
                    throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
                case -2:
                    throw new HttpRequestException(HttpRequestError.ResponseEnded, "broken");
            }

            return new HttpResponseMessage((HttpStatusCode)answer) { Content = new StringContent(Echo ? request.ToString() : "") };
        }
    }
}
