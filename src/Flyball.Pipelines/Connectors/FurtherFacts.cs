namespace Flyball.Pipelines.Connectors;

/// <summary>Collects facts that have no field of their own, under the keys they get as span attributes.</summary>
internal sealed class FurtherFacts
{
    /// <summary>The span somebody else made of the same thing, as W3C Trace Context writes it: ours links to it.</summary>
    public const string Traceparent = "flyball.traceparent";

    private Dictionary<string, string>? _facts;

    /// <summary>Adds a fact; nothing if it is not known.</summary>
    public FurtherFacts Add(string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            (_facts ??= new Dictionary<string, string>(StringComparer.Ordinal))[key] = value;
        }

        return this;
    }

    /// <summary>Adds what something waits for, or that it waits no longer: only an empty value can say that.</summary>
    public FurtherFacts AddWaiting(string? forWhat) => AddOrTakeBack("flyball.waiting_for", forWhat);

    /// <summary>Adds a fact, or says that it holds no longer.</summary>
    public FurtherFacts AddOrTakeBack(string key, string? value)
    {
        (_facts ??= new Dictionary<string, string>(StringComparer.Ordinal))[key] = value ?? "";
        return this;
    }

    /// <summary>What was collected; null if nothing was.</summary>
    public IReadOnlyDictionary<string, string>? ToFacts() => _facts;
}
