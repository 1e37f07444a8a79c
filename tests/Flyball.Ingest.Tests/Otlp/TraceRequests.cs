using Flyball.Model.Wire;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>Builds trace requests field by field, right and wrong ones.</summary>
internal static class TraceRequests
{
    public static readonly byte[] TraceId = Convert.FromHexString("5b8efff798038103d269b633813fc60c");

    public static readonly byte[] SpanId = Convert.FromHexString("eee19b7ec3c1b174");

    /// <summary>A request with spans of one resource and scope.</summary>
    public static byte[] Request(params Action<WireWriter>[] spans)
    {
        var w = new WireWriter();
        var resourceSpans = w.Begin(1);
        var resource = w.Begin(1);
        Text(w, 1, "service.name", "shop");
        w.End(resource);
        var scopeSpans = w.Begin(2);
        var scope = w.Begin(1);
        w.Text(1, "lib");
        w.Text(2, "1.2");
        w.End(scope);
        foreach (var span in spans)
        {
            var begun = w.Begin(2);
            span(w);
            w.End(begun);
        }

        w.End(scopeSpans);
        w.End(resourceSpans);
        return w.Written.ToArray();
    }

    /// <summary>A span with the ids given.</summary>
    public static Action<WireWriter> Span(byte[] traceId, byte[] spanId, byte[]? parentId = null, string name = "work") => w =>
    {
        w.Bytes(1, traceId);
        w.Bytes(2, spanId);
        w.Bytes(4, parentId ?? []);
        w.Text(5, name);
        w.Varint(6, 2);
        w.Fixed64(7, 1_544_712_660_000_000_000);
        w.Fixed64(8, 1_544_712_661_000_000_000);
    };

    /// <summary>A good span.</summary>
    public static Action<WireWriter> Good(string name = "work") => Span(TraceId, SpanId, name: name);

    public static void Text(WireWriter w, int field, string key, string value)
    {
        var keyValue = w.Begin(field);
        w.Text(1, key);
        var any = w.Begin(2);
        w.BytesAlways(1, System.Text.Encoding.UTF8.GetBytes(value));
        w.End(any);
        w.End(keyValue);
    }
}
