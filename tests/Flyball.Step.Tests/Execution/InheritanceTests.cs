namespace Flyball.Step.Tests.Execution;

public sealed class InheritanceTests : FolderTest
{
    // The runtime of these tests hands an ignored SIGPIPE down; the step gives its command the default (InheritedSignals).
    // posix_spawn of glibc leaves its own two signals, 32 and 33, ignored for every program.
    private const string IgnoredButForPipe = "s=$(grep SigIgn /proc/self/status); echo $(( 0x${s#SigIgn:?} & 0x7fffefff ))";

    // Each script prints something a child inherits; wrapped and bare, it must print the same.
    [Theory]
    [InlineData("env | grep -a -v -E '^(TRACEPARENT|FLYBALL_[A-Z_]*|_|SHLVL|PWD|OLDPWD)=' | sort", "export ODD=\"$(printf 'a\\377b')\"")]
    [InlineData("ls /proc/self/fd", "exec 7</dev/null")]
    [InlineData("ulimit -n", "ulimit -S -n 300")]
    [InlineData("ulimit -n", "")]
    [InlineData("grep SigBlk /proc/self/status", "")]
    [InlineData(IgnoredButForPipe, "")]
    [InlineData(IgnoredButForPipe, "trap '' HUP INT USR1")]
    [InlineData("umask; pwd", "umask 027")]
    [InlineData("ps -o pgid= -p $$", "")]
    [InlineData("ps -o sid= -p $$", "")]
    [InlineData("ps -o ni= -p $$", "")]
    public async Task The_command_inherits_what_it_would_have_without_us(string question, string before)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "ask"), question, TestContext.Current.CancellationToken);

        var result = await StepProcess.RunScriptAsync(Quiet, $"""
            {before}
            sh ask >bare 2>&1
            $STEP -- sh ask >wrapped 2>&1
            diff bare wrapped && echo same
            """);

        Assert.Equal("same\n", result.Output);
    }

    [Fact]
    public async Task Arguments_that_are_not_text_arrive_as_they_are()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, """
            $STEP -- printf '%s' "$(printf 'a\377\tb c')" "" "-x" | od -An -c
            """);

        Assert.Equal("a 377 \\t b c - x", string.Join(' ', result.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim().Replace("  ", " ", StringComparison.Ordinal));
    }
}
