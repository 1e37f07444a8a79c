using System.Text;
using Flyball.Metrics.Index;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>The label index of a head: written under the store's gate, read without any lock.</summary>
internal sealed class HeadIndex : ILabelIndex
{
    private readonly ByteArena _texts = new();
    private readonly PostingsArena _postings = new();
    private Dictionary<string, HeadLabelValues> _byName = new(StringComparer.Ordinal);
    private HeadLabelValues[] _names = [];
    private int _seriesCount;

    public int SeriesCount => Volatile.Read(ref _seriesCount);

    public IReadOnlyList<ILabelValues> Names => Volatile.Read(ref _names);

    public long AllocatedBytes => _texts.AllocatedBytes + _postings.AllocatedBytes + _names.Sum(n => n.AllocatedBytes);

    public ILabelValues? Find(ReadOnlySpan<byte> name) =>
        Volatile.Read(ref _byName).GetValueOrDefault(Encoding.UTF8.GetString(name));

    /// <summary>Enters the next series.</summary>
    public void Add(int series, ReadOnlySpan<byte> encodedLabels)
    {
        foreach (var label in new LabelWalk(encodedLabels))
        {
            ValuesOf(label.Name).Add(label.Value, series);
        }

        Volatile.Write(ref _seriesCount, series + 1);
    }

    private HeadLabelValues ValuesOf(ReadOnlySpan<byte> name)
    {
        // A dozen names, mostly asked for in the same order: comparing bytes beats making a string to look up.
        foreach (var values in _names)
        {
            if (values.Name.SequenceEqual(name))
            {
                return values;
            }
        }

        var added = new HeadLabelValues(name.ToArray(), _texts, _postings);
        Volatile.Write(ref _byName, new(_byName, StringComparer.Ordinal) { [Encoding.UTF8.GetString(name)] = added });
        Volatile.Write(ref _names, [.. _names, added]);
        return added;
    }

    /// <summary>Makes a <c>foreach</c> of canonical bytes.</summary>
    private readonly ref struct LabelWalk(ReadOnlySpan<byte> encoded)
    {
        private readonly ReadOnlySpan<byte> _encoded = encoded;

        public LabelSet.Enumerator GetEnumerator() => new(_encoded);
    }
}
