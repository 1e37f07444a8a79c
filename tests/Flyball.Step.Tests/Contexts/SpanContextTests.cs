using Flyball.Step.Contexts;

namespace Flyball.Step.Tests.Contexts;

public sealed class SpanContextTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    [Theory]
    [InlineData("00-" + Trace + "-" + Span + "-01", 1)]
    [InlineData("00-" + Trace + "-" + Span + "-00", 0)]
    [InlineData("00-" + Trace + "-" + Span + "-03", 3)]
    [InlineData("00-" + Trace + "-" + Span + "-ff", 3)]
    [InlineData("cc-" + Trace + "-" + Span + "-01", 1)]
    [InlineData("cc-" + Trace + "-" + Span + "-01-what-the-future-will-be-like", 1)]
    public void Valid_ones_are_taken_over(string text, int flags)
    {
        var context = SpanContext.Parse(text, null);

        Assert.Equal(new SpanContext(Trace, Span, flags, ""), context);
        Assert.Equal($"00-{Trace}-{Span}-0{flags}", context!.ToTraceParent());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ff-" + Trace + "-" + Span + "-01")]
    [InlineData("00-00000000000000000000000000000000-" + Span + "-01")]
    [InlineData("00-" + Trace + "-0000000000000000-01")]
    [InlineData("00-0AF7651916cd43dd8448eb211c80319c-" + Span + "-01")]
    [InlineData("00-" + Trace + "-" + Span + "-01-extra")]
    [InlineData("00-" + Trace + "-" + Span + "-01.")]
    [InlineData("cc-" + Trace + "-" + Span + "-01.what")]
    [InlineData("00-" + Trace + "-" + Span + "-0g")]
    [InlineData("0g-" + Trace + "-" + Span + "-01")]
    [InlineData("00_" + Trace + "_" + Span + "_01")]
    [InlineData(" 00-" + Trace + "-" + Span + "-01")]
    [InlineData("00-" + Trace + "1-" + Span + "-01")]
    public void Invalid_ones_count_as_none(string? text) => Assert.Null(SpanContext.Parse(text, "a=b"));

    [Theory]
    [InlineData("a=1,b=2", "a=1,b=2")]
    [InlineData(" a=1 ,\tb=2,, ", "a=1,b=2")]
    [InlineData("tenant@vendor=x y z", "tenant@vendor=x y z")]
    [InlineData("0a=1", "0a=1")]
    [InlineData("a=1,a=2", "a=1,a=2")]
    [InlineData("A=1", "")]
    [InlineData("a=1,b", "")]
    [InlineData("a=", "")]
    [InlineData("=1", "")]
    [InlineData("a=b=c", "")]
    [InlineData("a=\u00e4", "")]
    [InlineData("a@b@c=1", "")]
    [InlineData("*a=1", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void One_bad_member_voids_the_trace_state(string? text, string expected) =>
        Assert.Equal(expected, TraceStateText.Clean(text));

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void A_trace_state_has_at_most_32_members(int members, bool kept)
    {
        var text = string.Join(',', Enumerable.Range(0, members).Select(i => $"k{i}=v"));

        Assert.Equal(kept ? text : "", TraceStateText.Clean(text));
    }

    [Fact]
    public void Keys_and_values_end_at_256_characters()
    {
        Assert.NotEmpty(TraceStateText.Clean(new string('k', 256) + "=" + new string('v', 256)));
        Assert.Empty(TraceStateText.Clean(new string('k', 257) + "=v"));
        Assert.Empty(TraceStateText.Clean("k=" + new string('v', 257)));
    }
}
