using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Numbers groups of runs, or of task attempts, whose columns are alike.</summary>
/// <remarks>A million runs have few different texts: each is looked at once per page, groups are found by numbers alone.</remarks>
internal sealed class RunGroups(params RunColumn[] columns)
{
    private const int MostColumns = 4;

    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private readonly Dictionary<Key, int> _groups = [];
    private readonly List<Key> _keys = [];
    private RunPage? _page;
    private int[] _ofPage = [];

    public int Count => _keys.Count;

    /// <summary>The number of a row's group, from 0 in the order of appearance.</summary>
    /// <param name="task">Which attempt, where a column speaks of one.</param>
    public int Of(RunRow row, int task = RunRow.Whole)
    {
        Span<int> words = stackalloc int[MostColumns];
        words.Clear();
        for (var i = 0; i < columns.Length; i++)
        {
            words[i] = WordOf(row, columns[i], columns[i].IsOfTask() ? task : RunRow.Whole);
        }

        var key = new Key(words[0], words[1], words[2], words[3]);
        if (!_groups.TryGetValue(key, out var group))
        {
            _groups[key] = group = _keys.Count;
            _keys.Add(key);
        }

        return group;
    }

    /// <summary>The text all of a group have in a column.</summary>
    public string Text(int group, RunColumn column) => _words[_keys[group][Array.IndexOf(columns, column)]];

    private int WordOf(RunRow row, RunColumn column, int task)
    {
        if (row.Page is not { } page)
        {
            return NumberOf(row.Text(column, task));
        }

        if (!ReferenceEquals(page, _page))
        {
            _page = page;
            _ofPage = new int[page.Strings];
        }

        // One more than the number, so that 0 is "not looked at yet".
        ref var number = ref _ofPage[row.CodeOf(column, task)];
        if (number == 0)
        {
            number = NumberOf(row.Text(column, task)) + 1;
        }

        return number - 1;
    }

    private int NumberOf(string text)
    {
        if (!_texts.TryGetValue(text, out var number))
        {
            _texts[text] = number = _words.Count;
            _words.Add(text);
        }

        return number;
    }

    private readonly record struct Key(int A, int B, int C, int D)
    {
        public int this[int index] => index switch { 0 => A, 1 => B, 2 => C, _ => D };
    }
}
