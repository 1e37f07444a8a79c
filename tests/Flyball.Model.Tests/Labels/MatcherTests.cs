using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Model.Tests.Labels;

public sealed class MatcherTests
{
    [Theory]
    [InlineData(MatchOp.Equal, "a", "a", true)]
    [InlineData(MatchOp.Equal, "a", "b", false)]
    [InlineData(MatchOp.NotEqual, "a", "", true)]
    [InlineData(MatchOp.Regex, "a|b", "b", true)]
    [InlineData(MatchOp.Regex, "a|b", "ab", false)]
    [InlineData(MatchOp.Regex, "a.*", "a\nb", true)]
    [InlineData(MatchOp.Regex, "a.*", "ba", false)]
    [InlineData(MatchOp.Regex, "a$", "a\n", false)]
    [InlineData(MatchOp.NotRegex, "a|b", "c", true)]
    [InlineData(MatchOp.Regex, "", "", true)]
    public void Matchers_accept_as_prometheus_does(MatchOp op, string value, string candidate, bool expected) =>
        Assert.Equal(expected, new Matcher(op, "l", value).Matches(candidate));

    [Theory]
    [InlineData(MatchOp.Equal, "", true)]
    [InlineData(MatchOp.Equal, "x", false)]
    [InlineData(MatchOp.NotEqual, "x", true)]
    [InlineData(MatchOp.Regex, ".*", true)]
    [InlineData(MatchOp.Regex, ".+", false)]
    [InlineData(MatchOp.Regex, "|a", true)]
    public void Accepting_series_without_the_label_is_known(MatchOp op, string value, bool expected) =>
        Assert.Equal(expected, new Matcher(op, "l", value).MatchesEmpty);

    [Fact]
    public void Alternations_of_plain_words_are_known_as_a_set() =>
        Assert.Equal(["a", "bc"], new Matcher(MatchOp.Regex, "l", "a|bc").Literals);

    [Theory]
    [InlineData("abc.*", "abc")]
    [InlineData("abc*", "ab")]
    [InlineData("abc?d", "ab")]
    [InlineData("a|b.*", "")]
    [InlineData("(a|b)c", "")]
    public void Certain_prefix_is_known(string pattern, string expected) =>
        Assert.Equal(expected, new Matcher(MatchOp.Regex, "l", pattern).Prefix);

    [Theory]
    [InlineData("(")]
    [InlineData("[a")]
    [InlineData("a**")]
    [InlineData("(?=a)")]
    [InlineData(@"\1")]
    public void What_re2_refuses_is_refused(string pattern) =>
        Assert.Throws<RegexSyntaxException>(() => new Matcher(MatchOp.Regex, "l", pattern));

    [Fact]
    public void Hostile_expressions_run_in_linear_time()
    {
        var matcher = new Matcher(MatchOp.Regex, "l", "(a+)+b");
        Assert.False(matcher.Matches(new string('a', 100_000)));
    }

    [Fact]
    public void Text_form_quotes_what_needs_it() =>
        Assert.Equal("\"my label\"!~\"a\\\"b\"", new Matcher(MatchOp.NotRegex, "my label", "a\"b").ToString());
}
