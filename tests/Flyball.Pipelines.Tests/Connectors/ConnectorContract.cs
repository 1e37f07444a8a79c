using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Connectors;

/// <summary>What docs/specs/connector.md asks of every connector; each one's tests inherit it.</summary>
public abstract class ConnectorContract
{
    /// <summary>Folder of the samples below the shared data.</summary>
    protected abstract string Folder { get; }

    /// <summary>Folders (below that) with the events of one story in order.</summary>
    protected abstract IReadOnlyList<string> Stories { get; }

    /// <summary>Secrets the samples are proven with.</summary>
    protected abstract IReadOnlyList<string> Secrets { get; }

    private protected abstract IConnector Make(Func<IReadOnlyList<string>> secrets);

    [Fact]
    public void Every_sample_is_understood_or_none_of_our_business()
    {
        foreach (var file in Samples())
        {
            var verdict = Make(() => []).Read(Request(file));
            Assert.True(verdict is HookVerdict.Facts or HookVerdict.Worker or HookVerdict.Ignored, $"{file}: {verdict}");
        }
    }

    [Fact]
    public async Task Any_order_and_any_repetition_give_the_same_runs()
    {
        foreach (var story in Stories)
        {
            var facts = FactsOf(story);
            var expected = await EndOfAsync(facts);
            for (var seed = 0; seed < 40; seed++)
            {
                var random = new Random(seed);
                var shuffled = facts.Concat(facts.Where(_ => random.Next(2) == 0)).ToArray();
                random.Shuffle(shuffled);

                Assert.Equal(expected, await EndOfAsync(shuffled));
            }
        }
    }

    [Fact]
    public async Task An_event_that_was_dropped_and_comes_again_later_changes_nothing()
    {
        foreach (var story in Stories)
        {
            var facts = FactsOf(story);
            var expected = await EndOfAsync(facts);
            for (var dropped = 0; dropped < facts.Length; dropped++)
            {
                Assert.Equal(expected, await EndOfAsync([.. facts.Where((_, i) => i != dropped), facts[dropped]]));
            }
        }
    }

    [Fact]
    public void Without_proof_nothing_is_read()
    {
        foreach (var file in Stories.SelectMany(EventsOf))
        {
            var refused = Assert.IsType<HookVerdict.Refused>(Make(() => ["another secret"]).Read(Unproven(file)));
            Assert.Equal(401, refused.Status);
        }
    }

    [Fact]
    public void One_of_several_secrets_is_proof_enough()
    {
        foreach (var file in Stories.SelectMany(EventsOf))
        {
            var verdict = Make(() => ["the one before", .. Secrets]).Read(Proven(file));
            Assert.False(verdict is HookVerdict.Refused, $"{file}: {verdict}");
        }
    }

    [Fact]
    public void Whatever_the_bytes_are_there_is_a_verdict()
    {
        var random = new Random(11);
        foreach (var file in Stories.SelectMany(EventsOf))
        {
            var good = File.ReadAllBytes(file);
            for (var i = 0; i < 150; i++)
            {
                var bad = good.AsSpan(0, i % 3 == 0 ? random.Next(good.Length) : good.Length).ToArray();
                for (var n = random.Next(8); n > 0 && bad.Length > 0; n--)
                {
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                }

                Make(() => []).Read(Request(file) with { Body = bad });
            }
        }
    }

    [Fact]
    public async Task Values_of_any_type_in_any_place_are_taken_or_refused()
    {
        string[] strange = ["null", "7", "-1e99", "\"\"", "[]", "{}", "[[]]", "true", "\"2026-13-45T99:99:99Z\"", "\"\\ud800\"", "1e400"];
        await using var bench = await TrackerBench.StartAsync();
        foreach (var file in Stories.Select(s => EventsOf(s).Last()))
        {
            var text = File.ReadAllText(file);
            foreach (var path in Paths(JsonNode.Parse(text)!))
            {
                var root = JsonNode.Parse(text)!;
                Replace(root, path, "@@strange@@");
                var template = root.ToJsonString();
                foreach (var value in strange)
                {
                    var body = System.Text.Encoding.UTF8.GetBytes(template.Replace("\"@@strange@@\"", value, StringComparison.Ordinal));
                    if (Make(() => []).Read(Request(file) with { Body = body }) is HookVerdict.Facts facts)
                    {
                        await bench.Tracker.ApplyAsync(facts.Of, TestContext.Current.CancellationToken);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    public void What_is_no_event_is_refused(string body)
    {
        var request = new HookRequest(new HeaderDictionary(), new QueryCollection(), System.Text.Encoding.UTF8.GetBytes(body), default);

        Assert.Equal(400, Assert.IsType<HookVerdict.Refused>(Make(() => []).Read(request)).Status);
    }

    private protected static HookRequest ReadRequest(string file, TimestampNs receivedAt)
    {
        var headers = new HeaderDictionary();
        var beside = Path.ChangeExtension(file, ".headers");
        foreach (var line in File.Exists(beside) ? File.ReadAllLines(beside) : [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new HookRequest(headers, new QueryCollection(), File.ReadAllBytes(file), receivedAt);
    }

    /// <summary>An event as it was sent, arriving a moment later.</summary>
    private protected virtual HookRequest Request(string file) => ReadRequest(file, TimestampNs.From(TestClock.DefaultStart));

    /// <summary>An event with its proof.</summary>
    private protected virtual HookRequest Proven(string file) => Request(file);

    /// <summary>An event whose proof does not hold for the secret "another secret".</summary>
    private protected virtual HookRequest Unproven(string file) => Request(file);

    private protected string Sample(string relative) => SharedData.Require($"data/ci/{Folder}/{relative}");

    private protected IEnumerable<string> EventsOf(string story) =>
        Directory.GetFiles(Sample(story), "*.json").Order(StringComparer.Ordinal);

    private protected RunFact[] FactsOf(string story) => [.. EventsOf(story)
        .Select(f => Make(() => []).Read(Request(f))).OfType<HookVerdict.Facts>().SelectMany(f => f.Of)
        .Select(f => f with { ReceivedAt = TimestampNs.From(TestClock.DefaultStart) })];

    private protected static async Task<IReadOnlyList<PipelineRun>> RunsAsync(IEnumerable<RunFact> facts)
    {
        await using var bench = await TrackerBench.StartAsync();
        foreach (var fact in facts)
        {
            await bench.Tracker.ApplyAsync([fact], CancellationToken.None);
        }

        return bench.Tracker.NewestFirst();
    }

    private static async Task<string> EndOfAsync(IEnumerable<RunFact> facts) =>
        string.Join('\n', (await RunsAsync(facts)).Select(TrackerBench.TextOf));

    private IEnumerable<string> Samples() => Directory.GetFiles(Sample(""), "*.json", SearchOption.AllDirectories).Where(IsEvent);

    /// <summary>Which of the samples are events.</summary>
    private protected virtual bool IsEvent(string file) => true;

    private static IEnumerable<string> Paths(JsonNode node)
    {
        foreach (var child in ChildrenOf(node))
        {
            yield return child.GetPath();
            foreach (var path in Paths(child))
            {
                yield return path;
            }
        }
    }

    private static void Replace(JsonNode root, string path, string value) =>
        All(root).First(n => n.GetPath() == path).ReplaceWith(JsonValue.Create(value));

    private static IEnumerable<JsonNode> All(JsonNode node) => ChildrenOf(node).SelectMany(All).Prepend(node);

    private static IEnumerable<JsonNode> ChildrenOf(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>(),
        JsonArray a => a.OfType<JsonNode>(),
        _ => [],
    };
}
