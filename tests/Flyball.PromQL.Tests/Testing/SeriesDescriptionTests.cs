using System.Text.Json;
using Flyball.Model.Samples;
using Flyball.PromQL.Testing;
using Flyball.PromQL.Tests.Syntax;

namespace Flyball.PromQL.Tests.Testing;

public sealed class SeriesDescriptionTests
{
    [Fact]
    public void Values_are_read_as_the_table_says()
    {
        foreach (var testCase in ConformanceCases.Load("series-descriptions.json").EnumerateArray())
        {
            var input = testCase.GetProperty("input").GetString()!;
            if (!testCase.GetProperty("ok").GetBoolean())
            {
                Assert.Throws<ScriptException>(() => SeriesDescription.Parse(input));
                continue;
            }

            var items = SeriesDescription.Parse(input).Items.ConvertAll(i => i.IsGap ? "_" : StaleMarker.Is(i.Value) ? "stale" : i.Value.ToString());
            Assert.Equal(testCase.GetProperty("values").EnumerateArray().Select(v => v.ToString()), items);
        }
    }

    [Fact]
    public void Histograms_are_read_as_the_table_says()
    {
        foreach (var testCase in ConformanceCases.Load("histogram-series.json").EnumerateArray())
        {
            var input = testCase.GetProperty("input").GetString()!;
            if (!testCase.GetProperty("ok").GetBoolean())
            {
                var problem = Assert.Throws<ScriptException>(() => SeriesDescription.Parse(input)).Message;
                var expected = testCase.GetProperty("error").GetString()!;
                var words = expected[(expected.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
                Assert.True(problem.Contains(words, StringComparison.Ordinal) || expected.Contains("unexpected", StringComparison.Ordinal), problem);
                continue;
            }

            var items = SeriesDescription.Parse(input).Items;
            var histograms = testCase.GetProperty("expected");
            Assert.Equal(histograms.GetArrayLength(), items.Count);
            for (var i = 0; i < items.Count; i++)
            {
                Compare(histograms[i], items[i].Histogram!);
            }
        }
    }

    private static void Compare(JsonElement expected, Flyball.Model.Histograms.NativeHistogram actual)
    {
        double Number(string name) => expected.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
        double[] List(string name) => expected.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(v => v.GetDouble())] : [];
        Assert.Equal(Number("Schema"), actual.Schema);
        Assert.Equal(Number("Sum"), actual.Sum);
        Assert.Equal(Number("Count"), actual.Count);
        Assert.Equal(Number("ZeroCount"), actual.ZeroCount);
        Assert.Equal(Number("ZeroThreshold"), actual.ZeroThreshold);
        Assert.Equal(List("PositiveBuckets"), actual.PositiveBuckets);
        Assert.Equal(List("NegativeBuckets"), actual.NegativeBuckets);
    }
}
