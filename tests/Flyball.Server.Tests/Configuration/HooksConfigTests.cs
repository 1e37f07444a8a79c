using Flyball.Configuration;
using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class HooksConfigTests
{
    [Fact]
    public void Secrets_are_read_when_asked_for_and_a_missing_file_lets_nobody_in()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-hooks-").FullName;
        var config = Load("github: {secret_files: [one, two]}", folder, out var problems);
        Assert.False(problems.Any);
        File.WriteAllText(Path.Combine(folder, "one"), " s3cret\n");

        var secrets = config.SecretsOf("github");
        Assert.Equal("s3cret", secrets[0]);
        Assert.Equal(64, secrets[1].Length);
        Assert.NotEqual(secrets[1], config.SecretsOf("github")[1]);
        Assert.Empty(config.SecretsOf("gitlab"));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("github: {}", "f.yml:1:9: \"secret_files\" is missing")]
    [InlineData("githab: {secret_files: [x]}", "f.yml:1:1: unknown key \"githab\"; did you mean \"github\"?")]
    public void Mistakes_are_pointed_at(string yaml, string expected)
    {
        Load(yaml, "/", out var problems);
        Assert.StartsWith(expected, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    private static HooksConfig Load(string yaml, string folder, out ConfigProblems problems)
    {
        problems = new ConfigProblems();
        return HooksConfig.Load(new YamlSection("f.yml", YamlFile.Load("f.yml", yaml, problems)!, problems), folder);
    }
}
