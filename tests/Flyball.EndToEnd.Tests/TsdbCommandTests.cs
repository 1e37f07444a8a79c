using System.Diagnostics;
using System.IO.Compression;
using Flyball.EndToEnd.Tests.Support;
using Flyball.Testing;

namespace Flyball.EndToEnd.Tests;

/// <summary>History in and out by <c>flyball tsdb</c>, checked by the real <c>promtool</c>.</summary>
public sealed class TsdbCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Openmetrics_text_comes_in_as_promtool_reads_it_and_goes_out_so_that_it_does()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "data");
        var text = Path.Combine(folder.Path, "in.om");
        await UnzipAsync(SharedData.Require("conformance/tsdb/backfill-2.42.om.gz"), text);
        var expected = Path.Combine(folder.Path, "expected");
        await UnzipAsync(SharedData.Require("conformance/tsdb/backfill-2.42.dump.gz"), expected);

        var (code, output) = await FlyballAsync("tsdb", "import", "--from", "openmetrics", "--data", data, text);
        Assert.True(code == 0, output);
        var lines = await LinesAsync("tsdb", "dump", "--data", data);
        Assert.Equal((await File.ReadAllLinesAsync(expected, Token)).Order(StringComparer.Ordinal), lines);

        // Again: the same samples, so nothing is there twice.
        await FlyballAsync("tsdb", "import", "--from", "openmetrics", "--data", data, text);
        Assert.Equal(lines, await LinesAsync("tsdb", "dump", "--data", data));

        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not installed (apt-get install prometheus); it did not read what was exported");
        var exported = Path.Combine(folder.Path, "out.om");
        await FlyballAsync("tsdb", "export", "--to", "openmetrics", "--data", data, exported);
        var blocks = Path.Combine(folder.Path, "blocks");
        Directory.CreateDirectory(Path.Combine(blocks, "wal"));
        (code, output) = await RunAsync("/usr/bin/promtool", "tsdb", "create-blocks-from", "openmetrics", exported, blocks);
        Assert.True(code == 0, output);
        (_, output) = await RunAsync("/usr/bin/promtool", "tsdb", "dump", blocks);
        Assert.Equal(lines, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("up 1\n# EOF\n", "expected a timestamp")]
    [InlineData("up 1 1\n", "# EOF")]
    [InlineData("up{ 1 1\n# EOF\n", "expected")]
    public async Task Text_that_cannot_be_history_is_refused_with_the_reason(string text, string reason)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "in.om");
        await File.WriteAllTextAsync(file, text, Token);
        var (code, output) = await FlyballAsync("tsdb", "import", "--from", "openmetrics", "--data", Path.Combine(folder.Path, "data"), file);
        Assert.Equal(1, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--agent")]
    [InlineData("--web.config.file=web.yml")]
    [InlineData("--query.timeout=soon")]
    [InlineData("--no-such-flag")]
    public async Task Flags_that_cannot_be_honoured_stop_the_start(string flag)
    {
        using var folder = new TemporaryFolder();
        var (code, output) = await FlyballAsync("serve", "--data", Path.Combine(folder.Path, "data"), "--listen", "127.0.0.1:0", flag);
        Assert.NotEqual(0, code);
        Assert.Contains(flag.Split('=')[0].TrimStart('-'), output, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> LinesAsync(params string[] arguments) =>
        (await FlyballAsync(arguments)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToList();

    private static async Task UnzipAsync(string path, string to)
    {
        await using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        await using var file = File.Create(to);
        await packed.CopyToAsync(file, Token);
    }

    private static Task<(int Code, string Output)> FlyballAsync(params string[] arguments) => RunAsync(FlyballProcess.Program, arguments);

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
