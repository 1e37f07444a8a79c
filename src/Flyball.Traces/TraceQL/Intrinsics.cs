using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>Fields that every span has.</summary>
internal enum Intrinsic
{
    Duration,
    Name,
    Status,
    StatusMessage,
    Kind,
    SpanId,
    ParentId,
    ChildCount,
    RootName,
    RootService,
    TraceDuration,
    TraceId,
    NestedSetLeft,
    NestedSetRight,
    NestedSetParent,
    EventName,
    EventTimeSinceStart,
    LinkTraceId,
    LinkSpanId,
    ScopeName,
    ScopeVersion,
}

/// <summary>Names and types of the intrinsics. Tempo documentation, "TraceQL".</summary>
internal static class Intrinsics
{
    private static readonly Dictionary<string, Intrinsic> Bare = new()
    {
        ["duration"] = Intrinsic.Duration, ["name"] = Intrinsic.Name, ["status"] = Intrinsic.Status,
        ["statusMessage"] = Intrinsic.StatusMessage, ["kind"] = Intrinsic.Kind, ["rootName"] = Intrinsic.RootName,
        ["rootServiceName"] = Intrinsic.RootService, ["traceDuration"] = Intrinsic.TraceDuration,
        ["nestedSetLeft"] = Intrinsic.NestedSetLeft, ["nestedSetRight"] = Intrinsic.NestedSetRight,
        ["nestedSetParent"] = Intrinsic.NestedSetParent,
    };

    private static readonly Dictionary<string, Intrinsic> Scoped = new()
    {
        ["span:duration"] = Intrinsic.Duration, ["span:name"] = Intrinsic.Name, ["span:kind"] = Intrinsic.Kind,
        ["span:status"] = Intrinsic.Status, ["span:statusMessage"] = Intrinsic.StatusMessage, ["span:id"] = Intrinsic.SpanId,
        ["span:parentID"] = Intrinsic.ParentId, ["span:childCount"] = Intrinsic.ChildCount,
        ["trace:duration"] = Intrinsic.TraceDuration, ["trace:rootName"] = Intrinsic.RootName,
        ["trace:rootService"] = Intrinsic.RootService, ["trace:id"] = Intrinsic.TraceId,
        ["event:name"] = Intrinsic.EventName, ["event:timeSinceStart"] = Intrinsic.EventTimeSinceStart,
        ["link:traceID"] = Intrinsic.LinkTraceId, ["link:spanID"] = Intrinsic.LinkSpanId,
        ["instrumentation:name"] = Intrinsic.ScopeName, ["instrumentation:version"] = Intrinsic.ScopeVersion,
    };

    /// <summary>What the intrinsic scope of the tags API lists.</summary>
    public static readonly string[] Listed =
    [
        "duration", "event:name", "event:timeSinceStart", "instrumentation:name", "instrumentation:version", "kind", "name", "rootName",
        "rootServiceName", "span:duration", "span:kind", "span:name", "span:status", "span:statusMessage", "status", "statusMessage",
        "trace:duration", "trace:rootName", "trace:rootService", "traceDuration",
    ];

    public static bool TryFind(string word, out Intrinsic intrinsic) => Bare.TryGetValue(word, out intrinsic) || Scoped.TryGetValue(word, out intrinsic);

    public static ValueKind TypeOf(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Duration or Intrinsic.TraceDuration or Intrinsic.EventTimeSinceStart => ValueKind.Duration,
        Intrinsic.Status => ValueKind.Status,
        Intrinsic.Kind => ValueKind.Kind,
        Intrinsic.ChildCount or Intrinsic.NestedSetLeft or Intrinsic.NestedSetRight or Intrinsic.NestedSetParent => ValueKind.Integer,
        _ => ValueKind.Text,
    };

    /// <summary>Whether a field's value depends on other spans of the trace.</summary>
    public static bool NeedsTraceOf(Expression field) => field is IntrinsicField { Intrinsic: var intrinsic } && NeedsTrace(intrinsic);

    /// <summary>Whether its value depends on other spans of the trace.</summary>
    public static bool NeedsTrace(Intrinsic intrinsic) => intrinsic is Intrinsic.ChildCount or Intrinsic.RootName or Intrinsic.RootService
        or Intrinsic.TraceDuration or Intrinsic.NestedSetLeft or Intrinsic.NestedSetRight or Intrinsic.NestedSetParent;
}
