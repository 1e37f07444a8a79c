using Flyball.Model.Labels;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Builds the labels of series: all of them, or the few that a reader looks at, which are then the same for many series of a page
/// and are built once for all of those.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LabelMaker(IReadOnlyList<string>? keptLabels)
{
    // A key has room for so many codes.
    private const int MostCodes = 4;

    private readonly LabelSetBuilder _builder = new();
    private readonly Dictionary<SeriesShape, ShapeLabel[]> _wanted = [];
    private readonly Dictionary<(SeriesShape, UInt128), LabelSet> _made = [];
    private RunPage? _page;

    public LabelSet Make(SeriesShape shape, RunRow row, int task)
    {
        if (!_wanted.TryGetValue(shape, out var labels))
        {
            _wanted[shape] = labels = [.. shape.Labels.Where(l => keptLabels is null || keptLabels.Contains(l.Name))];
        }

        if (keptLabels is null || row.Page is null || labels.Length > MostCodes || !TryKey(labels, row, task, out var key))
        {
            return Build(shape, labels, row, task);
        }

        if (_page != row.Page)
        {
            _page = row.Page;
            _made.Clear();
        }

        if (!_made.TryGetValue((shape, key), out var made))
        {
            _made[(shape, key)] = made = Build(shape, labels, row, task);
        }

        return made;
    }

    private static bool TryKey(ShapeLabel[] labels, RunRow row, int task, out UInt128 key)
    {
        key = default;
        foreach (var label in labels)
        {
            var code = row.CodeOf(label.Column, task);
            if (code < 0)
            {
                return false;
            }

            key = (key << 32) | (uint)code;
        }

        return true;
    }

    private LabelSet Build(SeriesShape shape, ShapeLabel[] labels, RunRow row, int task)
    {
        _builder.Clear();
        _builder.Append("__name__"u8, shape.NameBytes);
        foreach (var label in labels)
        {
            row.AppendTo(_builder, label.Utf8, label.Column, task);
        }

        return _builder.Build();
    }
}
