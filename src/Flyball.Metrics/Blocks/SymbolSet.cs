using Flyball.Model.Labels;

namespace Flyball.Metrics.Blocks;

/// <summary>All names and values of a block that is being written: collected first, numbered in byte order then.</summary>
internal sealed class SymbolSet
{
    private readonly Dictionary<byte[], int> _numbers = new(ByteArrayComparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private byte[][] _sorted = [];

    public SymbolSet() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    public IReadOnlyList<byte[]> Sorted => _sorted;

    public void Add(ReadOnlySpan<byte> encodedLabels)
    {
        var labels = new LabelSet.Enumerator(encodedLabels);
        while (labels.MoveNext())
        {
            _lookup.TryAdd(labels.Current.Name, 0);
            _lookup.TryAdd(labels.Current.Value, 0);
        }
    }

    /// <summary>Ends the collecting.</summary>
    public void Number()
    {
        _sorted = [.. _numbers.Keys];
        Array.Sort(_sorted, (a, b) => a.AsSpan().SequenceCompareTo(b));
        for (var i = 0; i < _sorted.Length; i++)
        {
            _numbers[_sorted[i]] = i;
        }
    }

    public int NumberOf(ReadOnlySpan<byte> text) => _lookup[text];

    private sealed class ByteArrayComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteArrayComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => (int)LabelSet.HashOf(obj);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)LabelSet.HashOf(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
