namespace Flyball.Pipelines.Questions;

/// <summary>What the values of a column are, for whoever prints them.</summary>
internal enum ColumnKind
{
    Text,
    Run,
    Commit,
    Time,
    Seconds,
    Count,

    /// <summary>0 to 1.</summary>
    Share,
    Number,
}

/// <summary>A column of an answer.</summary>
internal sealed record Column(string Name, ColumnKind Kind = ColumnKind.Text);

/// <summary>A table, what holds for all of it, and how many rows there would have been.</summary>
/// <param name="columns">What each row has, in this order.</param>
internal sealed class Answer(params Column[] columns)
{
    public IReadOnlyList<Column> Columns => columns;

    /// <summary>Values are text, TraceId, TimestampNs, int, long, double or null, as their column says.</summary>
    public List<object?[]> Rows { get; } = [];

    public List<(string Name, object? Value)> Facts { get; } = [];

    /// <summary>Rows before <c>limit</c> cut them.</summary>
    public int Total { get; set; }

    /// <summary>Adds the first rows of many.</summary>
    public Answer With<T>(IReadOnlyCollection<T> ordered, int limit, Func<T, object?[]> row)
    {
        Total = ordered.Count;
        Rows.AddRange(ordered.Take(limit).Select(row));
        return this;
    }

    /// <summary>The value of a row's column.</summary>
    public object? Value(int row, string column) => Rows[row][Array.FindIndex(columns, c => c.Name == column)];
}
