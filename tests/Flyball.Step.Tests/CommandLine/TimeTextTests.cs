using Flyball.Step.CommandLine;

namespace Flyball.Step.Tests.CommandLine;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("1789000000", 1_789_000_000_000_000_000)]
    [InlineData("1789000000.25", 1_789_000_000_250_000_000)]
    [InlineData("1789000000.123456789\n", 1_789_000_000_123_456_789)]
    [InlineData("2026-09-10T00:26:40Z", 1_789_000_000_000_000_000)]
    [InlineData("2026-09-10T02:26:40.5+02:00", 1_789_000_000_500_000_000)]
    [InlineData("", null)]
    [InlineData("yesterday", null)]
    [InlineData("-5", null)]
    [InlineData("1.1234567891", null)]
    [InlineData("99999999999999", null)]
    public void Reads_what_shells_write(string text, long? nanoseconds) => Assert.Equal(nanoseconds, TimeText.Parse(text));
}
