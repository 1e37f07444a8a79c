using Flyball.Step.Detection;

namespace Flyball.Step.Tests.Detection;

public sealed class GitFolderTests : FolderTest
{
    [Theory]
    [InlineData("", "work", "main")]
    [InlineData("git pack-refs --all", "work", "main")]
    [InlineData("git worktree add -q ../tree -b other", "tree", "other")]
    [InlineData("git checkout -q --detach", "work", "")]
    [InlineData("mkdir -p a/b", "work/a/b", "main")]
    public async Task Reads_what_git_would_say(string then, string folder, string branch)
    {
        var result = await StepProcess.RunScriptAsync(Quiet, $"""
            export HOME=$PWD
            git init -q -b main work && cd work && git remote add origin https://git.example.com/acme/shop.git
            git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m first && {(then.Length == 0 ? "true" : then)}
            git rev-parse HEAD
            """);
        Assert.Equal(0, result.ExitCode);

        var git = GitFolder.Find(Path.Combine(Folder, folder));

        Assert.Equal(result.Output.Trim(), git!.Commit);
        Assert.Equal((branch, "https://git.example.com/acme/shop.git"), (git.Branch, git.Origin));
    }

    [Fact]
    public void Outside_of_a_working_copy_there_is_nothing() => Assert.Null(GitFolder.Find(Folder));
}
