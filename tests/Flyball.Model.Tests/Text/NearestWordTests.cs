using Flyball.Model.Text;

namespace Flyball.Model.Tests.Text;

public sealed class NearestWordTests
{
    [Theory]
    [InlineData("scrape_confgs", "scrape_configs")]
    [InlineData("rule_flies", "rule_files")]
    [InlineData("golbal", "global")]
    [InlineData("x", null)]
    [InlineData("completely_else", null)]
    public void Nearest_is_within_a_third_of_the_word(string word, string? expected) =>
        Assert.Equal(expected, NearestWord.Find(word, ["global", "scrape_configs", "rule_files"]));
}
