namespace Flyball.Traces.Pages;

/// <summary>Groups of columns of a page; trace ids and times are always there.</summary>
[Flags]
internal enum PageParts
{
    None = 0,
    SpanIds = 1,
    Name = 2,
    Kind = 4,
    Status = 8,
    StatusMessage = 16,
    Resource = 32,
    Scope = 64,
    Attributes = 128,
    Events = 256,
    Links = 512,
    Rest = 1024,
    All = 2047,
}

/// <summary>Which columns of a page are decoded; the others stay empty and must not be asked.</summary>
/// <param name="Keys">With <see cref="PageParts.Attributes"/>: string ids of the attribute keys wanted; null for all.</param>
internal sealed record ColumnChoice(PageParts Parts, int[]? Keys)
{
    /// <summary>Everything.</summary>
    public static readonly ColumnChoice All = new(PageParts.All, null);

    public bool Has(PageParts part) => (Parts & part) != PageParts.None;

    /// <summary>Whether values of a span attribute are wanted; the values of others read as zero.</summary>
    public bool WantsKey(int key) => Keys is null || Array.IndexOf(Keys, key) >= 0;
}
