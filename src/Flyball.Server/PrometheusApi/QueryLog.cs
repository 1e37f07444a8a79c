using System.Diagnostics.Metrics;
using System.Text.Json;
using Flyball.Alerting.Rules;
using Flyball.Durable.Files;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes each query, of HTTP and of rules, as one JSON line to <c>global.query_log_file</c>. Prometheus documentation, "HTTP API".</summary>
/// <remarks>Thread-safe. A full disk costs lines, never queries.</remarks>
internal sealed class QueryLog : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Meter _meter = new("Flyball.PromQL");
    private readonly Counter<long> _failures;
    private volatile IFile? _file;
    private long _length;

    /// <summary>Makes a log that writes nothing until it is opened.</summary>
    public QueryLog(IFileSystem files, TimeProvider time, ILogger log)
    {
        (_files, _time, _log) = (files, time, log);
        _failures = _meter.CreateCounter<long>("prometheus_engine_query_log_failures_total", description: "Queries that could not be logged.");
        _meter.CreateObservableGauge("prometheus_engine_query_log_enabled", () => _file is null ? 0 : 1, description: "Whether queries are logged to a file.");
        _failures.Add(0);
    }

    /// <summary>Goes on in a file, or stops writing; opening the same file again makes room for log rotation.</summary>
    /// <exception cref="IOException">The file cannot be opened; writing goes on where it was.</exception>
    public void Open(string? path)
    {
        lock (_gate)
        {
            var next = path is null ? null : _files.Open(path, OpenMode.ReadWrite);
            _file?.Dispose();
            _file = next;
            _length = next?.Length ?? 0;
        }
    }

    /// <summary>Writes a line, if there is a file.</summary>
    /// <param name="error">Why there is no answer, or null.</param>
    public void Write(AskedQuery query, string? error) => Append(json =>
    {
        WriteAsked(json, query.Text, (query.Start, query.End, query.Step), error);
        json.WritePropertyName("stats"u8);
        query.WriteStatistics(json);
        json.WriteStartObject("httpRequest"u8);
        json.WriteString("clientIP"u8, query.Context.Connection.RemoteIpAddress?.ToString() ?? "");
        json.WriteString("method"u8, query.Context.Request.Method);
        json.WriteString("path"u8, query.Context.Request.Path);
        json.WriteEndObject();
    });

    /// <summary>Writes the query of a rule, if there is a file.</summary>
    public void Write(RuleQueryRecord query) => Append(json =>
    {
        WriteAsked(json, query.Query, (query.At, query.At, default), query.Error);
        if (query.Statistics is { } statistics)
        {
            WriteStatistics(json, statistics);
        }

        json.WriteStartObject("ruleGroup"u8);
        json.WriteString("file"u8, query.File);
        json.WriteString("name"u8, query.Group);
        json.WriteEndObject();
    });

    public void Dispose()
    {
        Open(path: null);
        _meter.Dispose();
    }

    private void Append(Action<Utf8JsonWriter> write)
    {
        lock (_gate)
        {
            if (_file is null)
            {
                return;
            }

            using var line = new MemoryStream();
            using (var json = new Utf8JsonWriter(line, Options))
            {
                json.WriteStartObject();
                json.WriteString("time"u8, TimestampMs.Now(_time).ToString());
                write(json);
                json.WriteEndObject();
            }

            line.WriteByte((byte)'\n');
            try
            {
                _file.Write(_length, line.GetBuffer().AsSpan(0, (int)line.Length));
                _length += line.Length;
            }
            catch (IOException e)
            {
                _failures.Add(1);
                ServerLog.QueryLogFailed(_log, _file.Path, e);
            }
        }
    }

    private static void WriteAsked(Utf8JsonWriter json, string query, (TimestampMs Start, TimestampMs End, DurationMs Step) times, string? error)
    {
        json.WriteString("level"u8, error is null ? "INFO" : "ERROR");
        json.WriteString("msg"u8, "promql query logged");
        json.WriteStartObject("params"u8);
        json.WriteString("query"u8, query);
        json.WriteString("start"u8, times.Start.ToString());
        json.WriteString("end"u8, times.End.ToString());
        json.WriteNumber("step"u8, times.Step.ToSeconds());
        json.WriteEndObject();
        if (error is not null)
        {
            json.WriteString("error"u8, error);
        }
    }

    // A rule waits for nobody and was parsed when it was loaded.
    private static void WriteStatistics(Utf8JsonWriter json, QueryStatistics statistics)
    {
        json.WriteStartObject("stats"u8);
        json.WriteStartObject("timings"u8);
        foreach (var name in (ReadOnlySpan<string>)["evalTotalTime", "innerEvalTime", "execTotalTime"])
        {
            json.WriteNumber(name, statistics.Evaluation.TotalSeconds);
        }

        json.WriteEndObject();
        json.WriteStartObject("samples"u8);
        json.WriteNumber("totalQueryableSamples"u8, statistics.QueryableSamples);
        json.WriteNumber("peakSamples"u8, statistics.PeakSamples);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
