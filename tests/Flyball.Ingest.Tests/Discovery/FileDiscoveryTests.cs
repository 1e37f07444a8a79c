using System.Threading.Channels;
using Flyball.Ingest.Discovery;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Ingest.Tests.Discovery;

public sealed class FileDiscoveryTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-sd-").FullName;
    private readonly TestClock _clock = new();
    private readonly Channel<IReadOnlyList<TargetGroup>> _published = Channel.CreateUnbounded<IReadOnlyList<TargetGroup>>();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("valid.json")]
    [InlineData("valid.yml")]
    [InlineData("valid3.yml")]
    public void Groups_are_read_from_json_and_yaml(string file)
    {
        var groups = Read(SharedData.Require("conformance/config/sd/file/" + file));
        Assert.Equal(
            ["{__address__=\"localhost:9090\"} {__address__=\"example.org:443\"} | {foo=\"bar\"}", "{__address__=\"my.domain\"} | {}"], groups.Select(Render));
        Assert.EndsWith(file + ":1", groups[1].Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invalid_nil.json")]
    [InlineData("invalid_nil.yml")]
    public void An_empty_item_is_refused(string file) =>
        Assert.Equal(
            "nil target group item found (index 1)",
            Assert.Throws<FormatException>(() => Read(SharedData.Require("conformance/config/sd/file/" + file))).Message);

    [Theory]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("[{\"targets\": [1]}]")]
    [InlineData("[{\"targets\": \"a\"}]")]
    [InlineData("[{\"labels\": {\"\": \"a\"}}]")]
    [InlineData("[{\"lables\": {}}]")]
    [InlineData("[{\"labels\": {\"a\": {}}}]")]
    public void Anything_else_is_refused_with_a_reason(string text)
    {
        Assert.Throws<FormatException>(() => TargetGroupReader.ReadJson("x", System.Text.Encoding.UTF8.GetBytes(text), LabelSet.Empty));
        if (!text.Contains('1', StringComparison.Ordinal))
        {
            Assert.Throws<FormatException>(() => TargetGroupReader.ReadYaml("x", text, LabelSet.Empty));
        }
    }

    [Fact]
    public async Task A_changed_file_is_noticed_and_a_bad_one_keeps_its_targets()
    {
        Write("a.json", "[{\"targets\": [\"a:1\"]}]");
        Write("b.yml", "- targets: ['b:1']\n");
        Start("*.json", "*.yml");
        Assert.Equal("a:1 b:1", await NextAsync(until: "a:1 b:1"));

        Write("a.json", "[{\"targets\": [\"a:2\", \"a:3\"]}]");
        Assert.Equal("a:2 a:3 b:1", await NextAsync(until: "a:2 a:3 b:1"));

        Write("a.json", "[{\"targets\": [\"a:4\"");
        Write("b.yml", "- targets: ['b:2']\n");
        Assert.Equal("a:2 a:3 b:2", await NextAsync(until: "a:2 a:3 b:2"));

        File.Delete(Path.Combine(_folder, "b.yml"));
        Assert.Equal("a:2 a:3", await NextAsync(until: "a:2 a:3"));
    }

    [Fact]
    public async Task Targets_know_the_file_they_come_from()
    {
        Write("a.json", "[{\"targets\": [\"a:1\"], \"labels\": {\"team\": \"x\"}}]");
        Start("a.json");
        var groups = await _published.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(LabelSet.Of(("__meta_filepath", Path.Combine(_folder, "a.json")), ("team", "x")), Assert.Single(groups).Labels);
    }

    private static List<TargetGroup> Read(string path) => path.EndsWith(".json", StringComparison.Ordinal)
        ? TargetGroupReader.ReadJson(path, File.ReadAllBytes(path), LabelSet.Empty)
        : TargetGroupReader.ReadYaml(path, File.ReadAllText(path), LabelSet.Empty);

    private static string Render(TargetGroup group) => $"{string.Join(' ', group.Targets)} | {group.Labels}";

    private void Write(string name, string text)
    {
        // As tools do it: whole or not at all.
        File.WriteAllText(Path.Combine(_folder, name + ".tmp"), text);
        File.Move(Path.Combine(_folder, name + ".tmp"), Path.Combine(_folder, name), overwrite: true);
    }

    private void Start(params string[] files)
    {
        var config = new FileDiscoveryConfig([.. files.Select(f => Path.Combine(_folder, f))], DurationMs.FromSeconds(300));
        var discovery = new FileDiscovery(config, _clock, NullLogger.Instance);
        _running = Task.Run(() => discovery.RunAsync(g => _published.Writer.TryWrite(g), _stop.Token));
    }

    // The kernel tells of changes when it likes; the clock only has to pass the settling time.
    private async Task<string> NextAsync(string until)
    {
        var latest = "";
        for (var round = 0; round < 5_000 && latest != until; round++)
        {
            if (_published.Reader.TryRead(out var groups))
            {
                latest = string.Join(' ', groups.SelectMany(g => g.Targets).Select(t => t["__address__"]));
            }
            else
            {
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }

        return latest;
    }
}
