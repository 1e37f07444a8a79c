using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Numbers groups of runs, or of task attempts, whose columns are alike.</summary>
/// <param name="columns">Up to four, of which one may speak of attempts.</param>
/// <remarks>A million runs have few different texts: each is looked at once per page, groups are found by numbers alone, and what the
/// attempts of a run share is found once for all of them.</remarks>
internal sealed class RunGroups(params RunColumn[] columns)
{
    private const int MostColumns = 4;
    private const int FewTasks = 8;

    private readonly Words _words = new();
    private readonly Words _taskWords = new();
    private readonly int _taskColumn = Array.FindIndex(columns, c => c.IsOfTask());
    private readonly List<Key> _keys = [];

    private readonly Dictionary<Key, int> _groups = [];

    // The groups of the runs with the same words, by the word of the attempt: plus one, so that 0 is "none yet".
    private readonly Dictionary<Key, int[]> _families = [];
    private int[] _family = [];
    private Key _familyKey;
    private (RunRow? Row, int Place) _latest;

    public int Count => _keys.Count;

    /// <summary>The number of a row's group, from 0 in the order of appearance.</summary>
    /// <param name="task">Which attempt, where a column speaks of one.</param>
    public int Of(RunRow row, int task = RunRow.Whole) => _taskColumn < 0 ? OfRun(row) : OfAttempt(row, task);

    private int OfRun(RunRow row)
    {
        var key = KeyOf(row);
        if (!_groups.TryGetValue(key, out var group))
        {
            _groups[key] = group = _keys.Count;
            _keys.Add(key);
        }

        return group;
    }

    private int OfAttempt(RunRow row, int task)
    {
        if (!ReferenceEquals(_latest.Row, row) || _latest.Place != row.Place)
        {
            _latest = (row, row.Place);
            _familyKey = KeyOf(row);
            if (!_families.TryGetValue(_familyKey, out _family!))
            {
                _families[_familyKey] = _family = new int[FewTasks];
            }
        }

        var word = _taskWords.Of(row, columns[_taskColumn], task);
        if (word >= _family.Length)
        {
            Array.Resize(ref _family, Math.Max(word + 1, _family.Length * 2));
            _families[_familyKey] = _family;
        }

        ref var group = ref _family[word];
        if (group == 0)
        {
            _keys.Add(_familyKey with { Task = word });
            group = _keys.Count;
        }

        return group - 1;
    }

    /// <summary>The text all of a group have in a column.</summary>
    public string Text(int group, RunColumn column)
    {
        var at = Array.IndexOf(columns, column);
        return at == _taskColumn ? _taskWords[_keys[group].Task] : _words[_keys[group][at]];
    }

    private Key KeyOf(RunRow row)
    {
        Span<int> words = stackalloc int[MostColumns];
        words.Clear();
        for (var i = 0; i < columns.Length; i++)
        {
            words[i] = i == _taskColumn ? 0 : _words.Of(row, columns[i], RunRow.Whole);
        }

        return new Key(words[0], words[1], words[2], words[3], 0);
    }

    private readonly record struct Key(int A, int B, int C, int D, int Task)
    {
        public int this[int index] => index switch { 0 => A, 1 => B, 2 => C, _ => D };
    }

    /// <summary>Numbers texts.</summary>
    private sealed class Words
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<string> _all = [];
        private RunPage? _page;
        private int[] _ofPage = [];

        public string this[int number] => _all[number];

        public int Of(RunRow row, RunColumn column, int task)
        {
            if (row.Page is not { } page)
            {
                return NumberOf(row.Text(column, task));
            }

            if (!ReferenceEquals(page, _page))
            {
                _page = page;
                if (_ofPage.Length < page.Strings)
                {
                    _ofPage = new int[page.Strings];
                }

                Array.Clear(_ofPage);
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
            if (!_numbers.TryGetValue(text, out var number))
            {
                _numbers[text] = number = _all.Count;
                _all.Add(text);
            }

            return number;
        }
    }
}
