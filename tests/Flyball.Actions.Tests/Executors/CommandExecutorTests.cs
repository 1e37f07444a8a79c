using System.Diagnostics;
using Flyball.Actions.Executors;

namespace Flyball.Actions.Tests.Executors;

public sealed class CommandExecutorTests
{
    private static readonly CommandExecutor Executor = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 0", true, 0, "")]
    [InlineData("exit 3", false, 3, "exit code 3")]
    [InlineData("kill -9 $$", false, 137, "exit code 137")]
    public async Task The_exit_code_is_its_word(string script, bool succeeded, int code, string error)
    {
        var outcome = await Executor.RunAsync(Shell(script), Stop);

        Assert.Equal((succeeded, code, error), (outcome.Succeeded, outcome.Code, outcome.Error));
    }

    [Fact]
    public async Task Both_outputs_are_kept_as_far_as_their_end()
    {
        var outcome = await Executor.RunAsync(Shell("echo one; echo two >&2; seq 1 20000; echo last"), Stop);

        Assert.StartsWith("…", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("20000\nlast\n", outcome.Output, StringComparison.Ordinal);
        Assert.InRange(outcome.Output.Length, 8000, 8200);
    }

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        var action = Shell("") with { Argv = ["/usr/bin/printf", "[%s]", "a b", "$(id)", "; rm -rf /", "\"'\\", "ü"] };

        Assert.Equal("[a b][$(id)][; rm -rf /][\"'\\][ü]", (await Executor.RunAsync(action, Stop)).Output);
    }

    [Fact]
    public async Task Its_environment_is_small_and_what_the_configuration_says()
    {
        Environment.SetEnvironmentVariable("FLYBALL_TEST_SECRET", "do-not-leak");
        var action = Shell("env") with { Environment = [new("MINE", "1"), new("API_TOKEN", "hush-hush")] };

        var output = (await Executor.RunAsync(action, Stop)).Output;

        Assert.Contains("MINE=1\n", output, StringComparison.Ordinal);
        Assert.Contains("FLYBALL_EXECUTION=e1\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("do-not-leak", output, StringComparison.Ordinal);
        Assert.Contains("API_TOKEN=***\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_in_its_folder_with_nothing_to_read() =>
        Assert.Equal("/usr\n", (await Executor.RunAsync(Shell("pwd; cat") with { WorkingDirectory = "/usr" }, Stop)).Output);

    [Theory]
    [InlineData("/nonexistent/program", "could not be started")]
    [InlineData("/etc/hostname", "could not be started")]
    public async Task What_cannot_be_started_is_said(string program, string error)
    {
        var outcome = await Executor.RunAsync(Shell("") with { Argv = [program] }, Stop);

        Assert.False(outcome.Succeeded);
        Assert.Contains(error, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_said() => Assert.Contains(
        "/nonexistent", (await Executor.RunAsync(Shell("pwd") with { WorkingDirectory = "/nonexistent" }, Stop)).Error, StringComparison.Ordinal);

    [Fact]
    public async Task At_the_time_limit_everything_it_started_is_ended()
    {
        var clock = Stopwatch.StartNew();

        // The grandchild ignores the request to end, so only killing its group ends it.
        var outcome = await Executor.RunAsync(
            Shell("(trap '' TERM; echo $$; sh -c 'echo $$; exec sleep 60') & wait") with { Timeout = TimeSpan.FromMilliseconds(300) }, Stop);

        Assert.False(outcome.Succeeded);
        Assert.Contains("not done after 0.3 s", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.2, 10);
        foreach (var pid in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // The system ends a killed process when it comes to it.
            for (var tries = 0; IsAlive(int.Parse(pid)); tries++)
            {
                Assert.True(tries < 200, $"process {pid} outlived its time limit");
                await Task.Delay(10, Stop);
            }
        }
    }

    [Fact]
    public async Task Stopping_the_server_ends_it()
    {
        using var stop = new CancellationTokenSource();
        var running = Executor.RunAsync(Shell("exec sleep 60"), stop.Token);
        stop.CancelAfter(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_child_left_behind_does_not_hold_it_up()
    {
        var clock = Stopwatch.StartNew();

        var outcome = await Executor.RunAsync(Shell("sleep 5 & echo done"), Stop);

        Assert.Equal((true, "done\n"), (outcome.Succeeded, outcome.Output));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 4);
    }

    private static PreparedAction Shell(string script) =>
        new("e1", "p", "a", TimeSpan.FromSeconds(20)) { Argv = ["/bin/sh", "-c", script], WorkingDirectory = "/tmp" };

    // A killed grandchild may stay a zombie where nobody adopts it.
    private static bool IsAlive(int pid)
    {
        var stat = $"/proc/{pid}/stat";
        return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
    }
}
