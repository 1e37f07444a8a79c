using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>The pages of all inputs of a merge under one numbering; keeps the few that were used last decoded.</summary>
/// <remarks>All inputs are in time order and so is the output: a dozen pages are enough to decode most of them once.</remarks>
internal sealed class PageShelf : IDisposable
{
    private readonly List<(int Input, int Page)> _places = [];
    private readonly IReadOnlyList<MergeInput> _inputs;
    private readonly Dictionary<int, LinkedListNode<(int Number, SpanPage Page)>> _kept = [];
    private readonly LinkedList<(int Number, SpanPage Page)> _byUse = new();
    private readonly int _most;

    public PageShelf(IReadOnlyList<MergeInput> inputs, int most)
    {
        _inputs = inputs;
        _most = most;
        for (var input = 0; input < inputs.Count; input++)
        {
            for (var page = 0; page < inputs[input].PageCount; page++)
            {
                _places.Add((input, page));
            }
        }
    }

    public int Count => _places.Count;

    public int InputOf(int number) => _places[number].Input;

    /// <summary>A page whose ids, kinds and times are there; it is not kept.</summary>
    public SpanPage LoadIdentity(int number) => _inputs[_places[number].Input].LoadIdentity(_places[number].Page);

    public SpanPage Load(int number)
    {
        if (_kept.TryGetValue(number, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Page;
        }

        var (input, page) = _places[number];
        var loaded = _inputs[input].Load(page);
        _kept[number] = _byUse.AddFirst((number, loaded));
        if (_byUse.Count > _most)
        {
            _kept.Remove(_byUse.Last!.Value.Number);
            _byUse.RemoveLast();
        }

        return loaded;
    }

    public void Dispose()
    {
        _kept.Clear();
        _byUse.Clear();
    }
}
