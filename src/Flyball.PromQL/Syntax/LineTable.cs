namespace Flyball.PromQL.Syntax;

/// <summary>Where the lines of a query begin: places many problems in a long text without reading it again for each.</summary>
internal readonly struct LineTable
{
    private readonly List<int> _starts;
    private readonly int _length;

    public LineTable(ReadOnlySpan<byte> query)
    {
        _length = query.Length;
        _starts = [0];
        for (var at = query.IndexOf((byte)'\n'); at >= 0;)
        {
            _starts.Add(at + 1);
            var next = query[(at + 1)..].IndexOf((byte)'\n');
            at = next < 0 ? -1 : at + 1 + next;
        }
    }

    /// <summary>Line and column of a byte, both counted from 1, the column in bytes.</summary>
    public (int Line, int Column) Locate(int at)
    {
        at = Math.Clamp(at, 0, _length);
        var line = _starts.BinarySearch(at);
        line = line < 0 ? ~line - 1 : line;
        return (line + 1, at - _starts[line] + 1);
    }
}
