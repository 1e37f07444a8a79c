namespace Flyball.Step.Tests.Execution;

public sealed class ExitCodeTests : FolderTest
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 1", 1)]
    [InlineData("exit 42", 42)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -INT $$", 130)]
    [InlineData("kill -SEGV $$", 139)]
    [InlineData("kill -PIPE $$", 141)]
    public async Task Ends_with_what_the_command_ended_with(string script, int expected)
    {
        var result = await StepProcess.RunAsync(Quiet, "--", "sh", "-c", script);

        Assert.Equal(expected, result.ExitCode);
        Assert.Empty(result.OutputBytes);
        Assert.Empty(result.ErrorBytes);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_127_and_said()
    {
        var result = await StepProcess.RunAsync(Quiet, "--", "no-such-command-here");

        Assert.Equal(127, result.ExitCode);
        Assert.Equal("flyball-step: no-such-command-here: command not found\n", result.Error);
    }

    [Fact]
    public async Task A_file_that_is_not_executable_is_126()
    {
        var file = Path.Combine(Folder, "data");
        await File.WriteAllTextAsync(file, "just text", TestContext.Current.CancellationToken);

        Assert.Equal(126, (await StepProcess.RunAsync(Quiet, "--", file)).ExitCode);
        Assert.Equal(126, (await StepProcess.RunAsync(Quiet, "--", Folder)).ExitCode);
    }

    [Fact]
    public async Task A_script_without_an_interpreter_line_is_run_by_the_shell()
    {
        var file = Path.Combine(Folder, "plain");
        await File.WriteAllTextAsync(file, "echo \"$1\"; exit 7\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = await StepProcess.RunAsync(Quiet, "--", file, "an argument");

        Assert.Equal(7, result.ExitCode);
        Assert.Equal("an argument\n", result.Output);
    }

    [Theory]
    [InlineData("no command given", "--name", "x")]
    [InlineData("unknown option --nmae", "--nmae", "x", "--", "true")]
    [InlineData("--attempt 0", "--attempt", "0", "--", "true")]
    [InlineData("--type shop", "--type", "shop", "--", "true")]
    [InlineData("--attr novalue", "--attr", "novalue", "--", "true")]
    public async Task Wrong_usage_is_125_and_runs_nothing(string said, params string[] arguments)
    {
        var result = await StepProcess.RunAsync(Quiet, arguments);

        Assert.Equal(125, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }
}
