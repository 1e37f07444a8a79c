using System.Buffers;
using System.Numerics;

namespace Flyball.Metrics.Index;

/// <summary>A set of series of one index, a bit each: what matchers are computed with.</summary>
/// <remarks>Pooled: dispose it. A million series are 128 KiB, and intersecting two such sets takes microseconds, so there is
/// no second representation for small sets.</remarks>
internal sealed class SeriesBits : IDisposable
{
    private readonly int _words;
    private ulong[] _bits;

    /// <summary>An empty set over series 0 to <paramref name="seriesCount"/> exclusive.</summary>
    public SeriesBits(int seriesCount)
    {
        SeriesCount = seriesCount;
        _words = (seriesCount + 63) / 64;
        _bits = ArrayPool<ulong>.Shared.Rent(Math.Max(1, _words));
        Array.Clear(_bits, 0, _words);
    }

    public int SeriesCount { get; }

    /// <summary>Adds a series; one outside the universe (it came after the snapshot) is left out.</summary>
    public void Add(int series)
    {
        if ((uint)series < (uint)SeriesCount)
        {
            _bits[series >> 6] |= 1UL << (series & 63);
        }
    }

    public void AddAll()
    {
        Array.Fill(_bits, ulong.MaxValue, 0, _words);
        if ((SeriesCount & 63) != 0)
        {
            _bits[_words - 1] = (1UL << (SeriesCount & 63)) - 1;
        }
    }

    public void IntersectWith(SeriesBits other)
    {
        for (var i = 0; i < _words; i++)
        {
            _bits[i] &= other._bits[i];
        }
    }

    public void ExceptWith(SeriesBits other)
    {
        for (var i = 0; i < _words; i++)
        {
            _bits[i] &= ~other._bits[i];
        }
    }

    public void Remove(int series) => _bits[series >> 6] &= ~(1UL << (series & 63));

    public bool Contains(int series) => (uint)series < (uint)SeriesCount && (_bits[series >> 6] >> (series & 63) & 1) != 0;

    public int Count()
    {
        var count = 0;
        for (var i = 0; i < _words; i++)
        {
            count += BitOperations.PopCount(_bits[i]);
        }

        return count;
    }

    /// <summary>The members, rising.</summary>
    public int[] ToArray()
    {
        var series = new int[Count()];
        var at = 0;
        for (var i = 0; i < _words; i++)
        {
            for (var word = _bits[i]; word != 0; word &= word - 1)
            {
                series[at++] = (i << 6) + BitOperations.TrailingZeroCount(word);
            }
        }

        return series;
    }

    /// <summary>Walks the members, rising.</summary>
    public Enumerator GetEnumerator() => new(_bits.AsSpan(0, _words));

    public void Dispose()
    {
        if (_bits.Length > 0)
        {
            ArrayPool<ulong>.Shared.Return(_bits);
            _bits = [];
        }
    }

    /// <summary>Makes a <c>foreach</c> of a set.</summary>
    public ref struct Enumerator(ReadOnlySpan<ulong> bits)
    {
        private readonly ReadOnlySpan<ulong> _bits = bits;
        private ulong _left;
        private int _word = -1;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_left == 0)
            {
                if (++_word >= _bits.Length)
                {
                    return false;
                }

                _left = _bits[_word];
            }

            Current = (_word << 6) + BitOperations.TrailingZeroCount(_left);
            _left &= _left - 1;
            return true;
        }
    }
}
