namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Counts the spans, or data points, of a request that are refused one by one, and remembers why the first was.</summary>
internal sealed class RejectedSpans
{
    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Why the first one; null when none was.</summary>
    public string? FirstReason { get; private set; }

    /// <summary>How many for each kind of fault; null when there is none.</summary>
    public Dictionary<string, int>? ByKind { get; private set; }

    /// <summary>Counts one.</summary>
    /// <param name="reason">What is wrong, for the client.</param>
    /// <param name="kind">What is wrong in one of few words, for a label.</param>
    public void Add(string reason, string kind)
    {
        FirstReason ??= reason;
        Count++;
        ByKind ??= [];
        ByKind[kind] = ByKind.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        Count = 0;
        FirstReason = null;
        ByKind = null;
    }
}
