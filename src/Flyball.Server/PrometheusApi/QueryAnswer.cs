using System.Text;
using Flyball.PromQL;
using Flyball.PromQL.Explaining;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes the answer to a query as Prometheus does, sending it while it is written.</summary>
internal sealed class QueryAnswer(QueryResult result, IReadOnlyList<ResultSeries> series)
{
    /// <summary>What the query cost, when that was asked for.</summary>
    public AskedQuery? Asked { get; init; }

    /// <summary>What each part of the plan did, when that was asked for.</summary>
    public ExplainedPart? Plan { get; init; }

    /// <summary>What is probably wrong with query or data.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What may be wrong with query or data.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];

    /// <summary>Writes it all.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        using var body = new AnswerBody(context.Response);
        var json = body.Writer;
        json.Raw("{\"status\":\"success\",\"data\":{\"resultType\":"u8);
        json.Raw(NameOf(result.Kind));
        json.Raw(",\"result\":"u8);
        if (result.Kind is ValueKind.Scalar or ValueKind.String)
        {
            WriteSingle(json);
        }
        else
        {
            json.Raw("["u8);
            await new AnswerPieces(series, WriteSeries).WriteAsync(body, context.RequestAborted);
            json = body.Writer;
            json.Raw("]"u8);
        }

        if (Asked is not null)
        {
            using var statistics = new MemoryStream();
            Asked.WriteStatistics(statistics);
            json.Raw(",\"stats\":"u8);
            json.Raw(statistics.GetBuffer().AsSpan(0, (int)statistics.Length));
        }

        if (Plan is not null)
        {
            json.Raw(",\"explain\":"u8);
            json.Raw(ExplainedPlanJson.Write(Plan));
        }

        json.Raw("}"u8);
        WriteList(json, ",\"warnings\":["u8, Warnings);
        WriteList(json, ",\"infos\":["u8, Infos);
        json.Raw("}"u8);
        await body.CompleteAsync(context.RequestAborted);
    }

    private static ReadOnlySpan<byte> NameOf(ValueKind kind) => kind switch
    {
        ValueKind.Scalar => "\"scalar\""u8,
        ValueKind.String => "\"string\""u8,
        ValueKind.Vector => "\"vector\""u8,
        _ => "\"matrix\""u8,
    };

    private void WriteSingle(AnswerWriter json)
    {
        if (result.Kind == ValueKind.Scalar)
        {
            json.Point(result.At.Value, result.Scalar);
            return;
        }

        json.Raw("["u8);
        json.Time(result.At.Value);
        json.Raw(","u8);
        json.Text(Encoding.UTF8.GetBytes(result.Text));
        json.Raw("]"u8);
    }

    private void WriteSeries(AnswerWriter json, int index, int from, int until)
    {
        var one = series[index];
        if (from == 0)
        {
            json.Raw(index == 0 ? "{\"metric\":"u8 : ",{\"metric\":"u8);
            json.Labels(one.Labels);
        }

        if (result.Kind == ValueKind.Vector)
        {
            WriteSample(json, one);
        }
        else if (one.Histograms is null)
        {
            json.Raw(from == 0 ? ",\"values\":["u8 : ","u8);
            json.Points(one.TimestampsMs.AsSpan(from, until - from), one.Values.AsSpan(from, until - from));
            json.Raw(until == one.Count ? "]"u8 : ""u8);
        }
        else
        {
            WriteFloats(json, one);
            WriteHistograms(json, one);
        }

        json.Raw(until == one.Count ? "}"u8 : ""u8);
    }

    private static void WriteSample(AnswerWriter json, ResultSeries one)
    {
        if (one.HistogramAt(0) is { } histogram)
        {
            json.Raw(",\"histogram\":"u8);
            HistogramWriter.WritePoint(json, one.TimestampsMs[0], histogram);
        }
        else
        {
            json.Raw(",\"value\":"u8);
            json.Point(one.TimestampsMs[0], one.Values[0]);
        }
    }

    private static void WriteFloats(AnswerWriter json, ResultSeries one)
    {
        var open = false;
        for (var i = 0; i < one.Count; i++)
        {
            if (one.HistogramAt(i) is null)
            {
                json.Raw(open ? ","u8 : ",\"values\":["u8);
                json.Point(one.TimestampsMs[i], one.Values[i]);
                open = true;
            }
        }

        if (open)
        {
            json.Raw("]"u8);
        }
    }

    private static void WriteHistograms(AnswerWriter json, ResultSeries one)
    {
        var open = false;
        for (var i = 0; i < one.Count; i++)
        {
            if (one.HistogramAt(i) is { } histogram)
            {
                json.Raw(open ? ","u8 : ",\"histograms\":["u8);
                HistogramWriter.WritePoint(json, one.TimestampsMs[i], histogram);
                open = true;
            }
        }

        if (open)
        {
            json.Raw("]"u8);
        }
    }

    private static void WriteList(AnswerWriter json, ReadOnlySpan<byte> opening, IReadOnlyList<string> texts)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            json.Raw(i == 0 ? opening : ","u8);
            json.Text(Encoding.UTF8.GetBytes(texts[i]));
        }

        if (texts.Count > 0)
        {
            json.Raw("]"u8);
        }
    }
}
