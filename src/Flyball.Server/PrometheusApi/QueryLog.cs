using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes each query asked over HTTP as one JSON line to <c>global.query_log_file</c>. Prometheus documentation, "HTTP API".</summary>
/// <remarks>Thread-safe. A full disk costs lines, never queries.</remarks>
internal sealed class QueryLog(IFileSystem files, TimeProvider time, ILogger log) : IDisposable
{
    private readonly Lock _gate = new();
    private IFile? _file;
    private long _length;

    /// <summary>Goes on in a file, or stops writing; opening the same file again makes room for log rotation.</summary>
    /// <exception cref="IOException">The file cannot be opened; writing goes on where it was.</exception>
    public void Open(string? path)
    {
        lock (_gate)
        {
            var next = path is null ? null : files.Open(path, OpenMode.ReadWrite);
            _file?.Dispose();
            _file = next;
            _length = next?.Length ?? 0;
        }
    }

    /// <summary>Writes a line, if there is a file.</summary>
    /// <param name="error">Why there is no answer, or null.</param>
    public void Write(AskedQuery query, string? error)
    {
        lock (_gate)
        {
            if (_file is null)
            {
                return;
            }

            using var line = new MemoryStream();
            Write(line, query, error);
            line.WriteByte((byte)'\n');
            try
            {
                _file.Write(_length, line.GetBuffer().AsSpan(0, (int)line.Length));
                _length += line.Length;
            }
            catch (IOException e)
            {
                ServerLog.QueryLogFailed(log, _file.Path, e);
            }
        }
    }

    public void Dispose() => Open(path: null);

    private void Write(Stream line, AskedQuery query, string? error)
    {
        using var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("time"u8, TimestampMs.Now(time).ToString());
        json.WriteString("level"u8, error is null ? "INFO" : "ERROR");
        json.WriteString("msg"u8, "promql query logged");
        json.WriteStartObject("params"u8);
        json.WriteString("query"u8, query.Text);
        json.WriteString("start"u8, query.Start.ToString());
        json.WriteString("end"u8, query.End.ToString());
        json.WriteNumber("step"u8, query.Step.ToSeconds());
        json.WriteEndObject();
        if (error is not null)
        {
            json.WriteString("error"u8, error);
        }

        json.WritePropertyName("stats"u8);
        query.WriteStatistics(json);
        json.WriteStartObject("httpRequest"u8);
        json.WriteString("clientIP"u8, query.Context.Connection.RemoteIpAddress?.ToString() ?? "");
        json.WriteString("method"u8, query.Context.Request.Method);
        json.WriteString("path"u8, query.Context.Request.Path);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
