using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class ScrapeSectionTests
{
    [Theory]
    [InlineData("scrape_configs: [{job_name: a, native_histogram_bucket_limit: 10}]")]
    [InlineData("scrape_configs: [{job_name: a, native_histogram_min_bucket_factor: 1.1}]")]
    [InlineData("scrape_configs: [{job_name: a, convert_classic_histograms_to_nhcb: true}]")]
    [InlineData("global: {convert_classic_histograms_to_nhcb: true}")]
    public void Key_that_changes_nothing_yet_warns_and_is_accepted(string yaml)
    {
        var outcome = ConfigLoader.Load("f.yml", yaml, "/");
        Assert.Empty(outcome.Problems);
        Assert.Contains("is not applied yet", Assert.Single(outcome.Warnings).Message, StringComparison.Ordinal);
    }
}
