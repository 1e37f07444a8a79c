using Flyball.Model.Spans;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>Keeps a readable copy of every span it is given, or fails on demand.</summary>
internal sealed class RecordingSpanSink : ISpanSink
{
    private readonly Lock _gate = new();
    private readonly List<RecordedSpan> _spans = [];

    public Exception? Failure { get; set; }

    public IReadOnlyList<RecordedSpan> Spans
    {
        get
        {
            lock (_gate)
            {
                return [.. _spans];
            }
        }
    }

    public ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        if (Failure is { } failure)
        {
            throw failure;
        }

        lock (_gate)
        {
            foreach (var span in batch.Spans)
            {
                _spans.Add(RecordedSpan.Of(batch, span));
            }
        }

        return ValueTask.FromResult(new SpanAppendReport(batch.Count));
    }
}

internal sealed record RecordedSpan(SpanRow Row, string Name, string Service, string Scope, Dictionary<string, string> Attributes, List<string> Events, List<string> Links)
{
    public static RecordedSpan Of(SpanBatch batch, in SpanRow span)
    {
        var events = batch.Events.Slice(span.Events.Start, span.Events.Count).ToArray();
        var links = batch.Links.Slice(span.Links.Start, span.Links.Count).ToArray();
        return new RecordedSpan(
            span,
            batch.Text(span.Name),
            batch.FindText(span, "service.name"u8) ?? "",
            batch.Text(batch.Scopes[span.Scope].Name),
            AttributesOf(batch, span.Attributes),
            [.. events.Select(e => batch.Text(e.Name) + string.Concat(AttributesOf(batch, e.Attributes).Select(a => $" {a.Key}={a.Value}")))],
            [.. links.Select(l => $"{l.TraceId}/{l.SpanId}" + string.Concat(AttributesOf(batch, l.Attributes).Select(a => $" {a.Key}={a.Value}")))]);
    }

    private static Dictionary<string, string> AttributesOf(SpanBatch batch, RowRange range)
    {
        var texts = new Dictionary<string, string>();
        foreach (var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            texts[batch.Text(row.Key)] = row.Value.Kind switch
            {
                AttributeKind.Text => batch.Text(row.Value.Slice),
                AttributeKind.Integer => row.Value.Integer.ToString(),
                AttributeKind.Double => row.Value.Double.ToString("R"),
                AttributeKind.Boolean => row.Value.Boolean ? "true" : "false",
                AttributeKind.Empty => "",
                _ => Convert.ToHexString(batch.Bytes(row.Value.Slice)),
            };
        }

        return texts;
    }
}
