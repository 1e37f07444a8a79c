using Flyball.Configuration;
using Flyball.Metrics.Downsampling;
using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class StorageConfigTests
{
    [Fact]
    public void Downsampling_rules_are_read()
    {
        var config = Load("downsampling:\n- {resolution: 5m, after: 1d, keep_for: 90d}\n- resolution: 1h\ncompaction_share: 0.25", out var problems);
        Assert.Empty(problems.All);
        Assert.Equal(0.25, config.CompactionShare);
        Assert.Equal(
            [
                new DownsamplingRule(TimeSpan.FromMinutes(5), TimeSpan.FromDays(1), TimeSpan.FromDays(90)),
                new DownsamplingRule(TimeSpan.FromHours(1), TimeSpan.FromDays(2), TimeSpan.Zero),
            ],
            config.Downsampling);
    }

    [Theory]
    [InlineData("compaction_share: 0", "is a share of one core")]
    [InlineData("downsampling:\n- {resolution: 60h}", "must lie between 1s and 54h")]
    [InlineData("downsampling:\n- {resolution: 5m}\n- {resolution: 5m}", "be given once")]
    [InlineData("downsampling:\n- {resolution: 5m, after: 14d}", "raw samples are deleted after 15d")]
    [InlineData("downsampling:\n- {resolution: 5m, after: 1h}", "must be 2h longer than out_of_order_time_window")]
    [InlineData("downsampling:\n- {resolutio: 5m}", "did you mean \"resolution\"")]
    public void Mistakes_are_pointed_at(string yaml, string expected)
    {
        Load(yaml, out var problems);
        Assert.Contains(expected, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    private static StorageConfig Load(string yaml, out ConfigProblems problems)
    {
        problems = new ConfigProblems();
        var root = YamlFile.Load("f.yml", yaml, problems);
        return StorageConfig.Load(new YamlSection("f.yml", root!, problems), traces: null);
    }
}
