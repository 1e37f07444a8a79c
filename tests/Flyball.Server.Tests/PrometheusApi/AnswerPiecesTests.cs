using System.Globalization;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.PromQL;
using Flyball.Server.PrometheusApi;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>Long answers are written by several threads, and nobody can tell.</summary>
public sealed class AnswerPiecesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 60_000)]
    [InlineData(700, 121)]
    [InlineData(20_000, 1)]
    [InlineData(6_000, 121)]
    public async Task Every_point_is_there_in_order(int seriesCount, int points)
    {
        var random = new Random(11);
        var series = Enumerable.Range(0, seriesCount).Select(i => Draw(random, i, points)).ToList();
        var sent = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = sent } };
        using var body = new AnswerBody(context.Response);
        body.Writer.Raw("["u8);
        await new AnswerPieces(series, (to, index, from, until) => Write(to, series[index], index, from, until))
            .WriteAsync(body, TestContext.Current.CancellationToken);
        body.Writer.Raw("]"u8);
        await body.CompleteAsync(TestContext.Current.CancellationToken);
        var text = sent.ToArray();
        // Unless it is very long its length is told.
        Assert.Equal(text.Length > 16 << 20 ? null : text.Length, context.Response.ContentLength);

        using var document = JsonDocument.Parse(text);
        var written = document.RootElement.EnumerateArray().ToList();
        Assert.Equal(seriesCount, written.Count);
        for (var i = 0; i < seriesCount; i++)
        {
            Assert.Equal(series[i].Labels["n"], written[i].GetProperty("labels").GetProperty("n").GetString());
            var values = written[i].GetProperty("values");
            Assert.Equal(points, values.GetArrayLength());
            var at = 0;
            foreach (var point in values.EnumerateArray())
            {
                Assert.Equal(series[i].TimestampsMs[at] / 1000m, point[0].GetDecimal());
                Assert.Equal(series[i].Values[at++], double.Parse(point[1].GetString()!, CultureInfo.InvariantCulture));
            }
        }
    }

    // Some stand still, some have few decimals, some all; times with and without milliseconds.
    private static ResultSeries Draw(Random random, int index, int points)
    {
        var values = new double[points];
        for (var i = 0; i < points; i++)
        {
            values[i] = (index % 3) switch
            {
                0 when i > 0 && random.Next(4) > 0 => values[i - 1],
                1 => Math.Round(random.NextDouble() * 1000, random.Next(6)),
                _ => random.NextDouble() - 0.5,
            };
        }

        var step = index % 2 == 0 ? 30_000 : 7_250;
        return new ResultSeries(
            LabelSet.Of(("__name__", "m"), ("n", index.ToString(CultureInfo.InvariantCulture))),
            [.. Enumerable.Range(0, points).Select(i => 1_795_174_200_000 + ((long)i * step))],
            values);
    }

    private static void Write(AnswerWriter json, ResultSeries one, int index, int from, int until)
    {
        if (from == 0)
        {
            json.Raw(index == 0 ? "{\"labels\":"u8 : ",{\"labels\":"u8);
            json.Labels(one.Labels);
        }

        json.Raw(from == 0 ? ",\"values\":["u8 : ","u8);
        json.Points(one.TimestampsMs.AsSpan(from, until - from), one.Values.AsSpan(from, until - from));
        json.Raw(until == one.Count ? "]}"u8 : ""u8);
    }
}
