using System.Text;
using Flyball.Bench.Peers.Queries;

namespace Flyball.Bench.Peers.Tests;

/// <summary>How answers of two programs are compared.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData("""{"a":"1","b":"2"}""", "1.5", """{"b":"2","a":"1"}""", "1.5", true)]
    [InlineData("""{"a":"1"}""", "1", """{"a":"1"}""", "1.0000000000000002", true)]
    [InlineData("""{"a":"1"}""", "NaN", """{"a":"1"}""", "NaN", true)]
    [InlineData("""{"a":"1"}""", "+Inf", """{"a":"1"}""", "-Inf", false)]
    [InlineData("""{"a":"1"}""", "1", """{"a":"1"}""", "1.00000001", false)]
    [InlineData("""{"a":"1"}""", "1", """{"a":"2"}""", "1", false)]
    public void Labels_in_any_order_and_values_to_the_twelfth_digit(string labels, string value, string otherLabels, string otherValue, bool equal)
    {
        var difference = Vector(labels, value).DifferenceFrom(Vector(otherLabels, otherValue));
        Assert.Equal(equal, difference is null);
    }

    [Fact]
    public void A_missing_point_is_a_difference()
    {
        var whole = Parse("""{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2,"1"]]}]}""");
        var part = Parse("""{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]}""");
        Assert.Contains("1 points, not 2", part.DifferenceFrom(whole), StringComparison.Ordinal);
    }

    private static Answer Vector(string labels, string value) =>
        Parse($$"""{"resultType":"vector","result":[{"metric":{{labels}},"value":[1,"{{value}}"]}]}""");

    private static Answer Parse(string data) => Answer.Parse(Encoding.UTF8.GetBytes($$"""{"status":"success","data":{{data}}}"""));
}
