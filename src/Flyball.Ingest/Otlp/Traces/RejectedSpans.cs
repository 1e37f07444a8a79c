namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Counts the spans of a request that are refused one by one, and remembers why the first was.</summary>
internal sealed class RejectedSpans
{
    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Why the first one; null when none was.</summary>
    public string? FirstReason { get; private set; }

    /// <summary>Counts one.</summary>
    public void Add(string reason)
    {
        FirstReason ??= reason;
        Count++;
    }

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        Count = 0;
        FirstReason = null;
    }
}
