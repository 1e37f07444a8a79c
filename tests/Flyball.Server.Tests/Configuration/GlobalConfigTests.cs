using Flyball.Configuration;
using Flyball.Model.Time;
using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class GlobalConfigTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$NAME", "value")]
    [InlineData("x-${NAME}-y", "x-value-y")]
    [InlineData("$$NAME", "$NAME")]
    [InlineData("$MISSING.", ".")]
    [InlineData("costs 5$", "costs 5$")]
    [InlineData("${unclosed", "${unclosed")]
    public void Variables_in_external_labels_are_expanded(string text, string expected) =>
        Assert.Equal(expected, GlobalConfig.ExpandVariables(text, name => name == "NAME" ? "value" : null));

    [Fact]
    public void Defaults_are_those_of_prometheus()
    {
        var config = GlobalConfig.Load(section: null, _ => null);
        Assert.Equal(DurationMs.FromSeconds(60), config.ScrapeInterval);
        Assert.Equal(DurationMs.FromSeconds(10), config.ScrapeTimeout);
    }

    [Theory]
    [InlineData("scrape_interval: 5s", 5)]
    [InlineData("scrape_interval: 30s", 10)]
    [InlineData("scrape_interval: 30s\nscrape_timeout: 20s", 20)]
    public void Timeout_never_exceeds_the_interval(string yaml, long expectedSeconds) =>
        Assert.Equal(DurationMs.FromSeconds(expectedSeconds), Load(yaml, out _).ScrapeTimeout);

    [Theory]
    [InlineData("scrape_interval: 5s\nscrape_timeout: 6s", "f.yml:2:17: global scrape timeout greater")]
    [InlineData("scrap_interval: 5s", "f.yml:1:1: unknown key \"scrap_interval\"; did you mean \"scrape_interval\"?")]
    [InlineData("scrape_interval: 0s", "f.yml:1:18: \"scrape_interval\" is 0")]
    public void Mistakes_are_pointed_at(string yaml, string expected)
    {
        Load(yaml, out var problems);
        Assert.StartsWith(expected, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    private static GlobalConfig Load(string yaml, out ConfigProblems problems)
    {
        problems = new ConfigProblems();
        var root = YamlFile.Load("f.yml", yaml, problems);
        return GlobalConfig.Load(new YamlSection("f.yml", root!, problems), _ => null);
    }
}
