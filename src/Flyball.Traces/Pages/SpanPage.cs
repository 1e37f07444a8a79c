using Flyball.Model.Spans;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Pages;

/// <summary>Spans in columns, every text a number of <see cref="Strings"/>: the one form in which the store thinks.</summary>
/// <remarks>
/// A batch becomes a page when it arrives, the head is a list of pages, a segment is a file of encoded pages, and search
/// runs over pages wherever they come from. Complete pages never change, so they are read without locks.
/// <code>
/// shapes     sequence of (key, kind)
/// resources  sequence: schema url, dropped attributes, shape, values…
/// scopes     sequence: name, version, schema url, dropped attributes, shape, values…
/// </code>
/// </remarks>
internal sealed class SpanPage(IStringSource strings, int capacity = 0)
{
    /// <summary>Numbers before the values in a resource's sequence.</summary>
    public const int ResourceHead = 3;

    /// <summary>Numbers before the values in a scope's sequence.</summary>
    public const int ScopeHead = 5;

    public IStringSource Strings { get; } = strings;

    public int Count => Start.Count;

    public SequenceTable Shapes { get; } = new();

    public SequenceTable Resources { get; } = new();

    public SequenceTable Scopes { get; } = new();

    public Column<ulong> TraceHigh { get; } = new(capacity);

    public Column<ulong> TraceLow { get; } = new(capacity);

    public Column<ulong> SpanId { get; } = new(capacity);

    public Column<ulong> ParentId { get; } = new(capacity);

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public Column<ulong> Start { get; } = new(capacity);

    /// <summary>Nanoseconds since the Unix epoch; may be before the start.</summary>
    public Column<ulong> End { get; } = new(capacity);

    public Column<int> Name { get; } = new(capacity);

    public Column<int> Kind { get; } = new(capacity);

    public Column<int> Status { get; } = new(capacity);

    public Column<int> StatusMessage { get; } = new(capacity);

    public Column<int> TraceState { get; } = new(capacity);

    public Column<uint> Flags { get; } = new(capacity);

    public Column<uint> DroppedAttributes { get; } = new(capacity);

    public Column<uint> DroppedEvents { get; } = new(capacity);

    public Column<uint> DroppedLinks { get; } = new(capacity);

    public Column<int> Resource { get; } = new(capacity);

    public Column<int> Scope { get; } = new(capacity);

    public AttributeSets Attributes { get; } = new(capacity);

    /// <summary>For each span the end of its events in <see cref="Events"/>; they begin where the span before ends.</summary>
    public Column<int> EventEnds { get; } = new(capacity);

    public EventTable Events { get; } = new();

    /// <summary>For each span the end of its links in <see cref="Links"/>.</summary>
    public Column<int> LinkEnds { get; } = new(capacity);

    public LinkTable Links { get; } = new();

    public TraceId TraceOf(int row) => new(TraceHigh[row], TraceLow[row]);

    public ulong DurationOf(int row) => End[row] > Start[row] ? End[row] - Start[row] : 0;

    public (int From, int Until) EventsOf(int row) => (row == 0 ? 0 : EventEnds[row - 1], EventEnds[row]);

    public (int From, int Until) LinksOf(int row) => (row == 0 ? 0 : LinkEnds[row - 1], LinkEnds[row]);

    /// <summary>Rough bytes held in memory, strings not counted.</summary>
    public long MemoryBytes => (Count * 108L) + (Attributes.Values.Count * 8L) + (Events.Time.Count * 32L) + (Links.SpanId.Count * 48L);
}

/// <summary>Events of all spans of a page.</summary>
internal sealed class EventTable
{
    public Column<ulong> Time { get; } = new();

    public Column<int> Name { get; } = new();

    public Column<uint> Dropped { get; } = new();

    public AttributeSets Attributes { get; } = new();
}

/// <summary>Links of all spans of a page.</summary>
internal sealed class LinkTable
{
    public Column<ulong> TraceHigh { get; } = new();

    public Column<ulong> TraceLow { get; } = new();

    public Column<ulong> SpanId { get; } = new();

    public Column<int> TraceState { get; } = new();

    public Column<uint> Flags { get; } = new();

    public Column<uint> Dropped { get; } = new();

    public AttributeSets Attributes { get; } = new();
}
