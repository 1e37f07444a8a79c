using System.Text.Json;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>One query on its way: what was asked, by whom, and how long each part took. Used by one request only.</summary>
internal sealed class AskedQuery(HttpContext context, string text, TimestampMs start, TimestampMs end, DurationMs step, TimeProvider time)
{
    private readonly long _asked = time.GetTimestamp();
    private long _prepared;
    private long _began;
    private long _ended;
    private QueryStatistics? _statistics;

    public string Text => text;

    public TimestampMs Start => start;

    public TimestampMs End => end;

    public DurationMs Step => step;

    public HttpContext Context => context;

    /// <summary>It has been parsed.</summary>
    public void Prepared() => _prepared = time.GetTimestamp();

    /// <summary>It has got its place among those that run.</summary>
    public void Began()
    {
        _began = time.GetTimestamp();
        PromQLEngine.CountWaiting(time.GetElapsedTime(_prepared == 0 ? _asked : _prepared, _began));
    }

    /// <summary>It has an answer.</summary>
    public void Ended(QueryStatistics statistics)
    {
        _ended = time.GetTimestamp();
        _statistics = statistics;
    }

    /// <summary>Writes the object of <see cref="WriteStatistics(Utf8JsonWriter)"/> as UTF-8.</summary>
    public void WriteStatistics(Stream to)
    {
        using var json = new Utf8JsonWriter(to);
        WriteStatistics(json);
    }

    /// <summary>Writes timings in seconds and sample counts; zeros for what it did not get to. Prometheus documentation, "HTTP API".</summary>
    public void WriteStatistics(Utf8JsonWriter json)
    {
        // Results come out of the engine in their order: there is no sorting to measure.
        var preparation = Between(_asked, _prepared);
        var queued = Between(_prepared, _began);
        var inner = Between(_began, _ended);
        json.WriteStartObject();
        json.WriteStartObject("timings"u8);
        json.WriteNumber("evalTotalTime"u8, preparation + inner);
        json.WriteNumber("resultSortTime"u8, 0);
        json.WriteNumber("queryPreparationTime"u8, preparation);
        json.WriteNumber("innerEvalTime"u8, inner);
        json.WriteNumber("execQueueTime"u8, queued);
        json.WriteNumber("execTotalTime"u8, preparation + queued + inner);
        json.WriteEndObject();
        json.WriteStartObject("samples"u8);
        WriteSteps(json);
        json.WriteNumber("totalQueryableSamples"u8, _statistics?.QueryableSamples ?? 0);
        json.WriteNumber("samplesRead"u8, _statistics?.SamplesRead ?? 0);
        json.WriteNumber("peakSamples"u8, _statistics?.PeakSamples ?? 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteSteps(Utf8JsonWriter json)
    {
        if (_statistics?.QueryablePerStep is not { } steps)
        {
            return;
        }

        json.WriteStartArray("totalQueryableSamplesPerStep"u8);
        foreach (var (at, samples) in steps)
        {
            json.WriteStartArray();
            json.WriteNumberValue(at.Value / 1000m);
            json.WriteNumberValue(samples);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private double Between(long from, long to) => from == 0 || to == 0 ? 0 : time.GetElapsedTime(from, to).TotalSeconds;
}
