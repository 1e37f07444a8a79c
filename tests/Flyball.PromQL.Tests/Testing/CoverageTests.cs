using System.Text.RegularExpressions;
using Flyball.PromQL.Syntax;
using Flyball.Testing;

namespace Flyball.PromQL.Tests.Testing;

/// <summary>Whatever the language has stands in a script of ours.</summary>
public sealed partial class CoverageTests
{
    private static readonly string Scripts = string.Join(
        '\n',
        Directory.GetFiles(Path.Combine(SharedData.Repository, "tests/Flyball.PromQL.Tests/Scripts"), "*.test").SelectMany(File.ReadAllLines)
            .Where(line => line.Trim() is { Length: > 0 } text && text[0] != '#'));

    private static readonly string Evaluated = string.Join('\n', Scripts.Split('\n').Where(line => line.StartsWith("eval", StringComparison.Ordinal)));

    public static TheoryData<string> Functions() => [.. FunctionSignature.Names.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Aggregations() =>
        [.. Enum.GetValues<TokenKind>().Where(k => k.IsAggregator()).Select(k => k.Text()).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_script_calls_the_function(string name) => Assert.Contains(name, Words().Matches(Evaluated).Select(m => m.Groups[1].Value));

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void A_script_aggregates_by_and_without_labels_with(string name)
    {
        Assert.Matches($@"\b{name} by ?\(", Evaluated);
        Assert.Matches($@"\b{name} without ?\(", Evaluated);
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("load")]
    [InlineData("load_with_nhcb")]
    [InlineData("eval instant at")]
    [InlineData("eval range from")]
    [InlineData("eval_fail instant at")]
    [InlineData("eval_ordered instant at")]
    [InlineData("eval_warn instant at")]
    [InlineData("eval_info instant at")]
    [InlineData("eval_fail range from")]
    [InlineData("eval_warn range from")]
    [InlineData("eval_info range from")]
    [InlineData("expect fail")]
    [InlineData("expect fail msg:")]
    [InlineData("expect fail regex:")]
    [InlineData("expect warn")]
    [InlineData("expect warn msg:")]
    [InlineData("expect warn regex:")]
    [InlineData("expect info")]
    [InlineData("expect info msg:")]
    [InlineData("expect info regex:")]
    [InlineData("expect no_warn")]
    [InlineData("expect no_info")]
    [InlineData("expect ordered")]
    [InlineData("expect string")]
    [InlineData("expect range vector from")]
    [InlineData("expected_fail_message")]
    [InlineData("expected_fail_regexp")]
    public void A_script_uses_the_directive(string words) =>
        Assert.Contains(Scripts.Split('\n'), line => line.Trim() == words || line.Trim().StartsWith(words + (words[^1] == ':' ? "" : " "), StringComparison.Ordinal));

    [Theory]
    [InlineData(" offset -")]
    [InlineData(" @ start()")]
    [InlineData(" @ end()")]
    [InlineData(" @ -")]
    [InlineData(" anchored")]
    [InlineData(" smoothed")]
    [InlineData(" fill (")]
    [InlineData(" fill_left (")]
    [InlineData(" fill_right (")]
    [InlineData(" group_left")]
    [InlineData(" group_right")]
    [InlineData(" ignoring (")]
    [InlineData(" on (")]
    [InlineData(" bool ")]
    [InlineData(" atan2 ")]
    [InlineData(" </ ")]
    [InlineData(" >/ ")]
    [InlineData(" unless ")]
    [InlineData("[5m:")]
    [InlineData("min_of(")]
    [InlineData("offset (")]
    [InlineData("{\"")]
    [InlineData("__type__")]
    [InlineData("__unit__")]
    public void A_script_asks_with(string part) => Assert.Contains(part, Evaluated, StringComparison.Ordinal);

    [GeneratedRegex(@"\b([a-z_0-9]+) ?\(")]
    private static partial Regex Words();
}
