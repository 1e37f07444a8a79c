using Flyball.Model.Histograms;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Histograms;

/// <summary>One side of a native histogram while its message is read: spans, and counts as deltas or absolute.</summary>
internal struct BucketColumns
{
    // More than this many buckets on a side is an attack, not a histogram: the widest exponential one has some 2^19.
    private const int MostBuckets = 1 << 20;

    private List<BucketSpan>? _spans;
    private List<double>? _counts;
    private double _running;

    /// <summary>The spans so far.</summary>
    public readonly BucketSpan[] Spans => _spans is null ? [] : [.. _spans];

    /// <summary>Absolute counts.</summary>
    public readonly double[] Buckets => _counts is null ? [] : [.. _counts];

    /// <summary>Whether any span is there, even an empty one.</summary>
    public readonly bool HasSpans => _spans is not null;

    /// <summary>Adds a span message: offset 1 (sint), length 2.</summary>
    public void AddSpan(ReadOnlySpan<byte> message)
    {
        var offset = 0L;
        var length = 0UL;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    offset = reader.ReadZigZag();
                    break;
                case (2, WireType.Varint):
                    length = reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        (_spans ??= []).Add(new BucketSpan((int)offset, (uint)Math.Min(length, uint.MaxValue)));
    }

    /// <summary>Adds integer counts, each as difference to the one before; packed or one by one.</summary>
    public void AddDeltas(ref WireReader reader, WireType type)
    {
        if (type == WireType.Varint)
        {
            AddDelta(reader.ReadZigZag());
            return;
        }

        if (type != WireType.Bytes)
        {
            reader.Skip(type);
            return;
        }

        var packed = reader.ReadBytes();
        var numbers = new WireReader(packed);
        while (numbers.Position < packed.Length)
        {
            AddDelta(numbers.ReadZigZag());
        }
    }

    /// <summary>Adds float counts; packed or one by one.</summary>
    public void AddCounts(ref WireReader reader, WireType type) => AddDoubles(_counts ??= [], ref reader, type);

    /// <summary>Adds doubles, packed or one by one.</summary>
    public static void AddDoubles(List<double> into, ref WireReader reader, WireType type)
    {
        if (type == WireType.Fixed64)
        {
            into.Add(reader.ReadDouble());
            return;
        }

        if (type != WireType.Bytes)
        {
            reader.Skip(type);
            return;
        }

        var packed = reader.ReadBytes();
        var numbers = new WireReader(packed);
        while (numbers.Position < packed.Length)
        {
            into.Add(numbers.ReadDouble());
        }
    }

    /// <summary>What does not fit together, or null.</summary>
    public readonly string? Problem(string side)
    {
        ulong announced = 0;
        var spans = _spans?.Count ?? 0;
        for (var i = 0; i < spans; i++)
        {
            announced += _spans![i].Length;
            if (i > 0 && _spans[i].Offset < 0)
            {
                return $"{side} side: span number {i + 1} with offset {_spans[i].Offset}: histogram has a span whose offset is negative";
            }
        }

        var buckets = (ulong)(_counts?.Count ?? 0);
        if (announced != buckets)
        {
            return $"{side} side: spans need {announced} buckets, have {buckets} buckets: histogram spans specify different number of buckets than provided";
        }

        if (buckets > MostBuckets)
        {
            return $"{side} side: {buckets} buckets are more than {MostBuckets}";
        }

        for (var i = 0; i < (int)buckets; i++)
        {
            if (_counts![i] < 0)
            {
                return $"{side} side: bucket number {i + 1} has observation count of {_counts[i]}: histogram has a bucket whose observation count is negative";
            }
        }

        return null;
    }

    /// <summary>Merges neighbouring buckets so that the schema can go down by one: bucket i goes into ⌈i / 2⌉. Prometheus documentation, "Native histograms".</summary>
    public void HalveResolution()
    {
        if (_spans is null)
        {
            return;
        }

        var merged = new SortedDictionary<int, double>();
        var at = 0;
        var index = 0;
        foreach (var span in _spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++)
            {
                var target = (index + 1) >> 1;
                merged[target] = merged.GetValueOrDefault(target) + _counts![at++];
            }
        }

        (_spans, _counts) = (SpansOf(merged.Keys), [.. merged.Values]);
    }

    /// <summary>The spans that cover bucket numbers in rising order.</summary>
    public static List<BucketSpan> SpansOf(IEnumerable<int> indexes)
    {
        var spans = new List<BucketSpan>();
        var next = 0;
        foreach (var index in indexes)
        {
            if (spans.Count > 0 && index == next)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new BucketSpan(index - next, 1));
            }

            next = index + 1;
        }

        return spans;
    }

    private void AddDelta(long delta)
    {
        _running += delta;
        (_counts ??= []).Add(_running);
    }
}
