namespace Flyball.Pipelines.History;

/// <summary>The numbers of one page after the other, column by column, unpacked when they are first asked for.</summary>
/// <remarks>For whoever goes through pages from end to end: millions of rows read a number then as an item of an array. The arrays are
/// used again for the next page. Not thread-safe.</remarks>
internal sealed class PageColumns
{
    private readonly ulong[]?[] _arrays = new ulong[]?[(int)RunPageSection.Superseded + 1];
    private readonly bool[] _isFilled = new bool[(int)RunPageSection.Superseded + 1];

    /// <summary>Goes to another page: what was handed out before is no longer valid.</summary>
    public void Clear() => Array.Clear(_isFilled);

    /// <summary>A column of the page.</summary>
    /// <param name="page">The same until <see cref="Clear"/>.</param>
    public ulong[] Of(RunPage page, RunPageSection section)
    {
        var array = _arrays[(int)section];
        return array is not null && _isFilled[(int)section] ? array : Fill(page, section);
    }

    private ulong[] Fill(RunPage page, RunPageSection section)
    {
        var count = page.CountOf(section);
        ref var array = ref _arrays[(int)section];
        if (array is null || array.Length < count)
        {
            array = new ulong[Math.Max(count, array?.Length * 2 ?? 0)];
        }

        page.Numbers(section).CopyTo(array.AsSpan(0, count));
        _isFilled[(int)section] = true;
        return array;
    }
}
