using Flyball.Model.Time;

namespace Flyball.Model.Tests.Time;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("15s", 15_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1y", 31_536_000_000)]
    [InlineData("2w", 1_209_600_000)]
    [InlineData("5m10s250ms", 310_250)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Durations_are_read(string text, long ms)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(ms, duration.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1.5h")]
    [InlineData("1m1h")]
    [InlineData("1h1h")]
    [InlineData("5 s")]
    [InlineData("1S")]
    [InlineData("400000000y")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(5_400_000, "1h30m")]
    [InlineData(86_400_000, "1d")]
    [InlineData(691_200_000, "8d")]
    [InlineData(1_209_600_000, "2w")]
    [InlineData(1_001, "1s1ms")]
    [InlineData(-60_000, "-1m")]
    public void Durations_are_written_the_shortest_exact_way(long ms, string expected) =>
        Assert.Equal(expected, DurationText.Format(new DurationMs(ms)));
}
