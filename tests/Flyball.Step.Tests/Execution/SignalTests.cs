namespace Flyball.Step.Tests.Execution;

public sealed class SignalTests : FolderTest
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    public async Task A_signal_to_the_step_reaches_the_command_once(string signal)
    {
        // The trap counts, then gives a second copy of the signal time to arrive.
        var script = $"n=0; trap 'n=$((n+1))' {signal}; echo ready; while [ $n = 0 ]; do read x; done; read y; echo got $n; exit 5";
        using var step = StepProcess.Start(Quiet, "--", "sh", "-c", script);
        Assert.Equal("ready", await step.Output.ReadLineAsync(TestContext.Current.CancellationToken));

        await SendAsync(signal, $"{step.Pid}");
        await step.Input.WriteAsync("x\ny\ny\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var result = await step.FinishAsync();

        Assert.Equal("got 1\n", result.Output);
        Assert.Equal(5, result.ExitCode);
    }

    [Fact]
    public async Task A_signal_to_the_group_reaches_the_command_once()
    {
        // setsid makes a group whose leader is the shell, as an agent that starts a job does.
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "job"),
            """
            trap : TERM
            $STEP -- sh -c 'n=0; trap "n=\$((n+1))" TERM; echo ready; while [ $n = 0 ]; do read x; done; read y; echo got $n; exit 6'
            echo code $?
            """,
            TestContext.Current.CancellationToken);
        using var job = StepProcess.StartProgram(
            "/usr/bin/setsid", Quiet with { Variables = [("STEP", StepProcess.Executable)] }, "sh", "job");
        Assert.Equal("ready", await job.Output.ReadLineAsync(TestContext.Current.CancellationToken));

        await SendAsync("TERM", $"-{job.Pid}");
        await job.Input.WriteAsync("x\ny\ny\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var result = await job.FinishAsync();

        Assert.Equal("got 1\ncode 6\n", result.Output);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_command_that_does_not_catch_it_ends_by_it_and_counts_as_cancelled(string signal, int code)
    {
        await using var server = new ScriptedServer();
        using var step = StepProcess.Start(new StepSettings(Folder, server.Url), "--run-id", "r", "--", "sh", "-c", "echo ready; exec sleep 60");
        Assert.Equal("ready", await step.Output.ReadLineAsync(TestContext.Current.CancellationToken));

        await SendAsync(signal, $"{step.Pid}");
        var result = await step.FinishAsync();

        Assert.Equal(code, result.ExitCode);
        var span = Assert.Single(server.Spans);
        Assert.Equal("cancellation", span["cicd.pipeline.task.run.result"]);
        Assert.Equal("SIG" + signal, span["flyball.exit.signal"]);
        Assert.Equal(0, span.Status);
    }

    [Fact]
    public async Task An_ignored_hangup_stays_ignored()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, """
            trap '' HUP
            $STEP -- sh -c 'kill -HUP $$; echo alive'
            """);

        Assert.Equal("alive\n", result.Output);
    }

    [Fact]
    public async Task Killed_with_its_group_nothing_is_left()
    {
        using var job = StepProcess.StartProgram(
            "/usr/bin/setsid", Quiet, StepProcess.Executable, "--", "sh", "-c", "echo $$; exec sleep 60");
        var child = await job.Output.ReadLineAsync(TestContext.Current.CancellationToken);

        await SendAsync("KILL", $"-{job.Pid}");
        await job.FinishAsync();

        Assert.False(IsRunning(child!));
    }

    // A process nobody has waited for yet still has an entry, as a zombie.
    private static bool IsRunning(string pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static async Task SendAsync(string signal, string target)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", signal, "--", target]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }
}
