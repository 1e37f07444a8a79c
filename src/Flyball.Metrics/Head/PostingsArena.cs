using Flyball.Metrics.Index;

namespace Flyball.Metrics.Head;

/// <summary>Series numbers per label value, in chains of growing chunks inside few large arrays.</summary>
/// <remarks>
/// Append-only and never moved, so readers walk chains without a lock: they read the count first, and everything the count
/// covers was written before it. Chunks hold 3, 7, 15 … 1023 numbers behind the link to the next. One writer at a time.
/// </remarks>
internal sealed class PostingsArena
{
    private const int ArrayBits = 16;
    private const int ArraySize = 1 << ArrayBits;

    // Arrays grow fourfold up to the full size; the first holds the largest chunk.
    private const int FirstArraySize = MostInChunk + 1;
    private const int MostInChunk = 1023;

    private int[][] _arrays = [];
    private int _arrayCount;
    private int _capacity;
    private int _used;

    public long AllocatedBytes { get; private set; }

    public void Append(ref Postings postings, int series)
    {
        if (postings.Count == 0)
        {
            postings.First = series;
        }
        else
        {
            if (postings.TailUsed == postings.TailCapacity)
            {
                AddChunk(ref postings);
            }

            postings.TailUsed++;
            At(postings.Tail + postings.TailUsed) = series;
        }

        Volatile.Write(ref postings.Count, postings.Count + 1);
    }

    public void AddTo(ref readonly Postings postings, SeriesBits to)
    {
        var left = Volatile.Read(in postings.Count);
        if (left == 0)
        {
            return;
        }

        to.Add(postings.First);
        left--;
        var chunk = left > 0 ? postings.Head : 0;
        for (var capacity = 3; left > 0; capacity = Math.Min(MostInChunk, (capacity * 2) + 1))
        {
            var numbers = _arrays[chunk >> ArrayBits].AsSpan(chunk & (ArraySize - 1), capacity + 1);
            var here = Math.Min(left, capacity);
            foreach (var series in numbers.Slice(1, here))
            {
                to.Add(series);
            }

            left -= here;
            chunk = left > 0 ? numbers[0] : 0;
        }
    }

    private void AddChunk(ref Postings postings)
    {
        var capacity = postings.TailCapacity == 0 ? 3 : Math.Min(MostInChunk, (postings.TailCapacity * 2) + 1);
        var chunk = Allocate(capacity + 1);
        if (postings.TailCapacity == 0)
        {
            postings.Head = chunk;
        }
        else
        {
            At(postings.Tail) = chunk;
        }

        postings.Tail = chunk;
        postings.TailUsed = 0;
        postings.TailCapacity = (short)capacity;
    }

    private ref int At(int place) => ref _arrays[place >> ArrayBits][place & (ArraySize - 1)];

    private int Allocate(int size)
    {
        if (_capacity - _used < size)
        {
            if (_arrayCount == _arrays.Length)
            {
                var larger = new int[Math.Max(16, _arrayCount * 2)][];
                _arrays.CopyTo(larger, 0);
                Volatile.Write(ref _arrays, larger);
            }

            _capacity = (int)Math.Min(ArraySize, (long)FirstArraySize << (2 * Math.Min(_arrayCount, 8)));
            _arrays[_arrayCount++] = new int[_capacity];
            AllocatedBytes += _capacity * sizeof(int);
            _used = 0;
        }

        var place = ((_arrayCount - 1) << ArrayBits) | _used;
        _used += size;
        return place;
    }
}

/// <summary>The series of one label value: the first inline, since most values of a large store have only that one.</summary>
internal struct Postings
{
    public int Count;
    public int First;
    public int Head;
    public int Tail;
    public short TailUsed;
    public short TailCapacity;
}
