using Flyball.Model.Text;

namespace Flyball.Model.Tests.Text;

public sealed class GoRegexTests
{
    [Theory]
    [InlineData("(", "missing closing ): `(`")]
    [InlineData("a)", "unexpected ): `a)`")]
    [InlineData("(a|b", "missing closing ): `(a|b`")]
    [InlineData("x[a-z", "missing closing ]: `[a-z`")]
    [InlineData("[]", "missing closing ]: `[]`")]
    [InlineData("*", "missing argument to repetition operator: `*`")]
    [InlineData("a|+?", "missing argument to repetition operator: `+?`")]
    [InlineData("(?i)*", "missing argument to repetition operator: `*`")]
    [InlineData("a**", "invalid nested repetition operator: `**`")]
    [InlineData("a+??", "invalid nested repetition operator: `+??`")]
    [InlineData("a{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData("(a{100}){100}", "invalid repeat count: `{100}`")]
    [InlineData("a{2,1}", "invalid repeat count: `{2,1}`")]
    [InlineData(@"a\", "trailing backslash at end of expression: ``")]
    [InlineData(@"\1", @"invalid escape sequence: `\1`")]
    [InlineData(@"\Z", @"invalid escape sequence: `\Z`")]
    [InlineData(@"\xg", @"invalid escape sequence: `\x`")]
    [InlineData("[z-a]", "invalid character class range: `z-a`")]
    [InlineData("[[:foo:]]", "invalid character class range: `[:foo:]`")]
    [InlineData(@"\p{Nonsense}", @"invalid character class range: `\p{Nonsense}`")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?P<a b>x)", "invalid named capture: `(?P<a b>`")]
    public void What_Go_refuses_is_refused_with_its_words(string pattern, string message)
    {
        var e = Assert.Throws<RegexSyntaxException>(() => GoRegex.CompileAnchored(pattern));
        Assert.Equal("error parsing regexp: " + message, e.Message);
    }

    [Theory]
    [InlineData("a{,3}", "a{,3}", true)]
    [InlineData("a{x", "a{x", true)]
    [InlineData(@"\123", "S", true)]
    [InlineData(@"\x{1F600}", "😀", true)]
    [InlineData(".", "😀", true)]
    [InlineData("..", "😀", false)]
    [InlineData("[^a]", "😀", true)]
    [InlineData("[😀-😂]x", "😁x", true)]
    [InlineData("[😀-😂]x", "😃x", false)]
    [InlineData(@"\w+", "é", false)]
    [InlineData(@"\pL+", "éλЖ", true)]
    [InlineData(@"\PL", "1", true)]
    [InlineData(@"[\d\-x]+", "1-x", true)]
    [InlineData("[a-]+", "a-", true)]
    [InlineData("[]a]", "]", true)]
    [InlineData("[[:alpha:]_]+", "a_Z", true)]
    [InlineData("[[:^digit:]]", "5", false)]
    [InlineData("(?i)straße|k", "\u212A", true)]
    [InlineData("a(?i)b|c", "C", true)]
    [InlineData("(?i:a)b", "AB", false)]
    [InlineData("(?U)a+", "aaa", true)]
    [InlineData(@"\Qa.b\E+", "a.bb", true)]
    [InlineData("a.b", "a\nb", true)]
    [InlineData("(?-s:a.b)", "a\nb", false)]
    [InlineData("^a$", "a", true)]
    [InlineData("^a$|^b", "b", true)]
    [InlineData("(?m)a$", "a\n", false)]
    [InlineData("a$", "a\n", false)]
    [InlineData("^*a", "a", true)]
    [InlineData("", "", true)]
    [InlineData("a||b", "", true)]
    [InlineData(".*foo.*", "a foo\nb", true)]
    [InlineData(".*(foo|bar)", "a bar", true)]
    [InlineData(".*(foo|bar)", "a bar ", false)]
    [InlineData("(?P<x>a)(b)", "ab", true)]
    [InlineData(@"[^\x00-\x{10FFFF}]", "a", false)]
    [InlineData("(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false)]
    public void What_Go_accepts_means_the_same(string pattern, string text, bool matches)
    {
        var regex = GoRegex.CompileAnchored(pattern);
        Assert.Equal(matches, regex.IsMatch(text));
        Assert.Equal(matches, regex.Match(text).Success);
        Assert.True(!matches || text.StartsWith(regex.Prefix, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a|b", "a b")]
    [InlineData("^(foo|bar)$", "foo bar")]
    [InlineData("web-(a|b)[12]", "web-a1 web-a2 web-b1 web-b2")]
    [InlineData("https?", "https http")]
    [InlineData("(?i)ab", "AB Ab aB ab")]
    [InlineData("a{2}b", "aab")]
    [InlineData("5..", null)]
    [InlineData("a*", null)]
    [InlineData("[a-z]{4}", null)]
    public void Few_strings_are_listed(string pattern, string? strings)
    {
        var accepted = GoRegex.CompileAnchored(pattern).Accepted;
        Assert.Equal(strings?.Split(' ').Order(StringComparer.Ordinal), accepted?.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Expressions_with_groups_list_no_literals()
    {
        Assert.Null(GoRegex.CompileAnchored("(a|b)").Literals);
        Assert.Equal(["a", "b"], GoRegex.CompileAnchored("a|b").Literals);
        Assert.Equal("b", GoRegex.CompileAnchored("(a|b)").Match("b").Groups[1].Value);
    }

    [Theory]
    [InlineData("node.*", "node")]
    [InlineData("(node-[0-9]+|node_x.*)", "node")]
    [InlineData("a+b", "a")]
    [InlineData("ab*", "a")]
    [InlineData("(?i)node.*", "")]
    [InlineData("x(a.*|b.*)", "x")]
    public void Prefixes_are_found_through_groups(string pattern, string prefix) =>
        Assert.Equal(prefix, GoRegex.CompileAnchored(pattern).Prefix);

    [Fact]
    public void A_search_finds_within_and_dots_stop_at_newlines()
    {
        Assert.True(GoRegex.CompileSearch("b+").IsMatch("abbc"));
        Assert.False(GoRegex.CompileSearch("a.b").IsMatch("a\nb"));
        Assert.Equal("bb", GoRegex.CompileSearch("(b+)").Match("abbc").Groups[1].Value);
    }
}
