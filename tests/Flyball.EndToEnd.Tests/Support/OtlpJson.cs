using System.Text;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>OTLP/JSON as a client writes it.</summary>
internal static class OtlpJson
{
    public static StringContent Trace(string traceId, string spanId, string name, long startNs, long endNs) => new(
        $$$"""
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"e2e"}}]},
          "scopeSpans":[{"scope":{"name":"e2e"},"spans":[{"traceId":"{{{traceId}}}","spanId":"{{{spanId}}}","name":"{{{name}}}","kind":1,
            "startTimeUnixNano":"{{{startNs}}}","endTimeUnixNano":"{{{endNs}}}","attributes":[{"key":"n","value":{"intValue":"1"}}]}]}]}]}
        """,
        Encoding.UTF8,
        "application/json");
}
