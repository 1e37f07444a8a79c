using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Shop;

/// <summary>A span while it is open and until it is sent.</summary>
internal sealed class ShopSpan(string traceId, string spanId, string parentSpanId, string name, int kind, DateTimeOffset start, long startedAt)
{
    public string TraceId { get; } = traceId;

    public string SpanId { get; } = spanId;

    public string ParentSpanId { get; } = parentSpanId;

    public string Name { get; } = name;

    public int Kind { get; } = kind;

    public DateTimeOffset Start { get; } = start;

    public long StartedAt { get; } = startedAt;

    public int Items { get; init; }

    public TimeSpan Duration { get; set; }

    public bool IsError { get; set; }
}

/// <summary>Sends spans over OTLP/HTTP in JSON, a few times a second. When nobody takes them they are dropped.</summary>
/// <remarks>A real service would use the OpenTelemetry SDK; this one shows how little the protocol asks for.</remarks>
internal sealed class TraceExporter(ShopSettings settings, TimeProvider time) : BackgroundService
{
    private const int Server = 2;
    private const int Client = 3;
    private const int MostWaiting = 4096;
    private const int MostPerRequest = 512;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly AsyncLocal<ShopSpan?> _current = new();
    private readonly Channel<ShopSpan> _ended = Channel.CreateBounded<ShopSpan>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Begins the span of a request, below the caller's if he sent one.</summary>
    public ShopSpan StartRequest(string name, string? traceParent)
    {
        var hasParent = traceParent is { Length: 55 } && traceParent.StartsWith("00-", StringComparison.Ordinal);
        var span = new ShopSpan(
            hasParent ? traceParent!.Substring(3, 32) : NewId(16),
            NewId(8),
            hasParent ? traceParent!.Substring(36, 16) : "",
            name,
            Server,
            time.GetUtcNow(),
            time.GetTimestamp());
        _current.Value = span;
        return span;
    }

    /// <summary>Begins the span of a question to the database.</summary>
    public ShopSpan? StartChild(string name, int items) => _current.Value is { } parent
        ? new ShopSpan(parent.TraceId, NewId(8), parent.SpanId, name, Client, time.GetUtcNow(), time.GetTimestamp()) { Items = items }
        : null;

    /// <summary>Ends a span and hands it over for sending.</summary>
    public void End(ShopSpan? span, bool isError)
    {
        if (span is not null && settings.OtlpEndpoint is not null)
        {
            span.Duration = time.GetElapsedTime(span.StartedAt);
            span.IsError = isError;
            _ended.Writer.TryWrite(span);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SendWaitingAsync(client, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // stopping: what is left below is the last
        }

        await SendWaitingAsync(client, CancellationToken.None);
    }

    private async Task SendWaitingAsync(HttpClient client, CancellationToken cancellationToken)
    {
        while (_ended.Reader.TryRead(out var first))
        {
            var batch = new List<ShopSpan> { first };
            while (batch.Count < MostPerRequest && _ended.Reader.TryRead(out var span))
            {
                batch.Add(span);
            }

            using var content = new StringContent(Write(batch), Encoding.UTF8, "application/json");
            try
            {
                using var response = await client.PostAsync(settings.OtlpEndpoint, content, cancellationToken);
            }
            catch (HttpRequestException)
            {
                return;   // nobody listens: the shop sells all the same
            }
            catch (TaskCanceledException)
            {
                return;
            }
        }
    }

    private string Write(List<ShopSpan> batch)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            json.WriteStartArray("attributes");
            WriteText(json, "service.name", "shop");
            WriteText(json, "service.version", settings.ServiceVersion);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartArray("spans");
            foreach (var span in batch)
            {
                WriteSpan(json, span);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteSpan(Utf8JsonWriter json, ShopSpan span)
    {
        var start = (span.Start - DateTimeOffset.UnixEpoch).Ticks * 100;
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId);
        json.WriteString("spanId", span.SpanId);
        json.WriteString("parentSpanId", span.ParentSpanId);
        json.WriteString("name", span.Name);
        json.WriteNumber("kind", span.Kind);
        json.WriteString("startTimeUnixNano", $"{start}");
        json.WriteString("endTimeUnixNano", $"{start + (span.Duration.Ticks * 100)}");
        json.WriteStartArray("attributes");
        if (span.Kind == Client)
        {
            WriteText(json, "db.system.name", "prices");
            WriteText(json, "db.operation.batch.size", $"{span.Items}");
        }

        json.WriteEndArray();
        json.WriteStartObject("status");
        if (span.IsError)
        {
            json.WriteNumber("code", 2);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("value");
        json.WriteString("stringValue", value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string NewId(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
