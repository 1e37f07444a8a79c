using System.Security.Cryptography;

namespace Flyball.Step.Tests.Execution;

public sealed class OutputTests : FolderTest
{
    [Fact]
    public async Task Binary_data_passes_through_all_three_streams()
    {
        var data = new byte[3_000_000];
        new Random(7).NextBytes(data);
        using var step = StepProcess.Start(Quiet, "--", "tee", "/dev/stderr");

        var result = await step.FinishAsync(data);

        Assert.Equal(SHA256.HashData(data), SHA256.HashData(result.OutputBytes));
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(result.ErrorBytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--no-tail ")]
    public async Task Large_volumes_on_both_streams_do_not_block_each_other(string options)
    {
        var result = await StepProcess.RunScriptAsync(Quiet, $$"""
            $STEP {{options}}-- sh -c 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait' 2>"$PWD/err" | wc -c
            wc -c <"$PWD/err"
            """);

        Assert.Equal("20000000\n20000000\n", result.Output);
    }

    [Fact]
    public async Task Lines_of_both_streams_keep_their_order_where_they_go_to_one_place()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, """
            $STEP -- sh -c 'for i in $(seq 1 500); do echo $i; i=$((i)); echo e$i >&2; done' >log 2>&1
            cat log
            """);

        Assert.Equal(string.Concat(Enumerable.Range(1, 500).Select(i => $"{i}\ne{i}\n")), result.Output);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_command_as_without_us()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, """
            { $STEP -- sh -c 'yes >&2'; echo "code $?"; } 2>&1 >codes | head -n 1
            cat codes
            """);

        Assert.Equal("y\ncode 141\n", result.Output);
    }

    [Fact]
    public async Task Without_standard_error_nothing_is_tapped()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, "$STEP -- sh -c 'echo out; echo err >&2; exit 3' 2>&-; echo $?");

        Assert.StartsWith("out\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_left_behind_neither_holds_the_step_nor_loses_its_output()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, """
            mkfifo go
            $STEP -- sh -c '(read x <go; echo late >&2; echo done >ended) & echo early >&2' 2>err
            echo "step over" && cat err && echo x >go
            while [ ! -s ended ]; do :; done
            while [ "$(tail -n 1 err)" != late ]; do :; done
            cat err
            """);

        Assert.Equal("step over\nearly\nearly\nlate\n", result.Output);
    }

    [Theory]
    [InlineData("", "terminal terminal terminal")]
    [InlineData("--no-tail ", "terminal terminal terminal")]
    public async Task A_terminal_stays_a_terminal(string options, string expected)
    {
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "ask"),
            "for i in 0 1 2; do if [ -t $i ]; then printf 'terminal '; else printf 'pipe '; fi; done; exit 9",
            TestContext.Current.CancellationToken);

        // script(1) gives its command a terminal, as some CI agents do.
        var result = await StepProcess.RunScriptAsync(
            Quiet, $"script -qec \"$STEP {options}-- sh ask\" /dev/null </dev/null; echo code $?");

        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.Contains("code 9", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_gets_the_bytes_once_and_in_order()
    {
        var result = await StepProcess.RunScriptAsync(
            Quiet, "script -qec \"$STEP -- sh -c 'echo one; echo two >&2; echo three'\" /dev/null </dev/null");

        Assert.Equal("one\r\ntwo\r\nthree\r\n", result.Output);
    }

    [Fact]
    public async Task The_tail_of_standard_error_is_in_the_span()
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunAsync(
            new StepSettings(Folder, server.Url), "--run-id", "r", "--name", "t", "--", "sh", "-c", "echo out; echo last words >&2; exit 1");

        Assert.Equal("last words", Assert.Single(server.Spans)["flyball.log.tail"]);
    }
}
