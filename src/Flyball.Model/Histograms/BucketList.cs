namespace Flyball.Model.Histograms;

/// <summary>The buckets of one sign as pairs of index and count, in rising order: the form arithmetic works on.</summary>
internal sealed class BucketList
{
    private readonly List<int> _indexes;
    private readonly List<double> _counts;

    public BucketList(int capacity = 8)
    {
        _indexes = new List<int>(capacity);
        _counts = new List<double>(capacity);
    }

    public int Count => _indexes.Count;

    public static BucketList Of(BucketSpan[] spans, double[] buckets)
    {
        var list = new BucketList(buckets.Length);
        foreach (var (index, count) in HistogramBuckets.Walk(spans, buckets))
        {
            list.Append(index, count);
        }

        return list;
    }

    public int IndexAt(int i) => _indexes[i];

    public double CountAt(int i) => _counts[i];

    /// <summary>Adds at the end; a repeated index is summed up.</summary>
    public void Append(int index, double count)
    {
        if (_indexes.Count > 0 && _indexes[^1] == index)
        {
            _counts[^1] += count;
            return;
        }

        _indexes.Add(index);
        _counts.Add(count);
    }

    /// <summary>Buckets of a lower resolution, or of other custom bounds: each index moved by a rising function.</summary>
    public BucketList Map(Func<int, int> target)
    {
        var mapped = new BucketList(Count);
        for (var i = 0; i < Count; i++)
        {
            mapped.Append(target(_indexes[i]), _counts[i]);
        }

        return mapped;
    }

    /// <summary>Joins two lists; where only one has a bucket the other counts as zero.</summary>
    public static BucketList Combine(BucketList a, BucketList b, Func<double, double, double> combine)
    {
        var result = new BucketList(Math.Max(a.Count, b.Count));
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            var left = i < a.Count ? a._indexes[i] : int.MaxValue;
            var right = j < b.Count ? b._indexes[j] : int.MaxValue;
            var index = Math.Min(left, right);
            var x = left == index ? a._counts[i++] : 0;
            var y = right == index ? b._counts[j++] : 0;
            result._indexes.Add(index);
            result._counts.Add(combine(x, y));
        }

        return result;
    }

    /// <summary>Takes out the buckets a condition names and returns their sum.</summary>
    public double Remove(Func<int, bool> condition)
    {
        var kept = 0;
        double removed = 0;
        for (var i = 0; i < Count; i++)
        {
            if (condition(_indexes[i]))
            {
                removed += _counts[i];
                continue;
            }

            _indexes[kept] = _indexes[i];
            _counts[kept++] = _counts[i];
        }

        _indexes.RemoveRange(kept, Count - kept);
        _counts.RemoveRange(kept, _counts.Count - kept);
        return removed;
    }

    /// <summary>Spans and counts without empty buckets.</summary>
    public (BucketSpan[] Spans, double[] Buckets) ToSpans()
    {
        var spans = new List<BucketSpan>();
        var buckets = new List<double>(Count);
        var end = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_counts[i] == 0)
            {
                continue;
            }

            var index = _indexes[i];
            if (spans.Count > 0 && index == end)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new BucketSpan(spans.Count == 0 ? index : index - end, 1));
            }

            buckets.Add(_counts[i]);
            end = index + 1;
        }

        return ([.. spans], [.. buckets]);
    }
}
