namespace Flyball.Traces.Strings;

/// <summary>What the string ids of a page mean. Id 0 is always the empty string. Safe from many threads once it is complete.</summary>
internal interface IStringSource
{
    /// <summary>Number of ids, 0 included.</summary>
    int Count { get; }

    /// <summary>The bytes of a string; valid as long as the source is.</summary>
    ReadOnlySpan<byte> this[int id] { get; }

    /// <summary>The id of a string, or -1 when it is not here.</summary>
    int Find(ReadOnlySpan<byte> text);
}
