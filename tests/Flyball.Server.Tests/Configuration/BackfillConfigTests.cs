using Flyball.Durable.Files;
using Flyball.Server.Configuration;
using Flyball.Server.Wiring;

namespace Flyball.Server.Tests.Configuration;

public sealed class BackfillConfigTests
{
    [Fact]
    public void A_source_says_whom_to_ask_for_what()
    {
        var config = ConfigLoader.Load(
            "f.yml", "backfill:\n  - {system: jenkins, url: 'https://ci.example.com/jenkins', targets: [a/b, c], token_file: t, since: 36h, every: 2m}\n", "/etc").Config!;

        var source = Assert.Single(config.Backfill);
        Assert.Equal(("jenkins", "https://ci.example.com/jenkins", "c"), (source.System, source.Url!.ToString(), source.Targets[1]));
        Assert.Equal((TimeSpan.FromHours(36), TimeSpan.FromMinutes(2)), (source.Since, source.Every));
    }

    [Theory]
    [InlineData("{system: githb, targets: [a/b]}", "\"system\" is \"githb\"; write one of github, gitlab, buildkite, jenkins, tekton; did you mean \"github\"?")]
    [InlineData("{system: github, target: [a/b]}", "\"targets\" is missing")]
    [InlineData("{system: github, targets: [a/b], evry: 1m}", "unknown key \"evry\"; did you mean \"every\"?")]
    [InlineData("{system: jenkins, targets: [a]}", "\"url\" is missing")]
    [InlineData("{system: github, targets: [a/b], every: 1s}", "shorter than 10s")]
    [InlineData("{system: github, targets: [a/b], url: 'ftp://x'}", "is no http or https address")]
    [InlineData("{system: github, targets: [a/b], url: 'https://me:secret@x'}", "without a password")]
    [InlineData("{targets: [a/b]}", "\"system\" is missing")]
    public void What_is_wrong_is_named(string entry, string says) =>
        Assert.Contains(ConfigLoader.Load("f.yml", $"backfill:\n  - {entry}\n", "/etc").Problems, p => p.ToString().Contains(says, StringComparison.Ordinal));

    [Fact]
    public void Cursors_survive()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-cursors").FullName;
        try
        {
            var cursors = new FileCursors(PhysicalFileSystem.Instance, Path.Combine(folder, "backfill"));
            Assert.Null(cursors.Load("github a/b"));
            cursors.Save("github a/b", "one");
            cursors.Save("github a/b", "two");

            Assert.Equal("two", new FileCursors(PhysicalFileSystem.Instance, Path.Combine(folder, "backfill")).Load("github a/b"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
