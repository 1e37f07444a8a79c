using System.Buffers.Binary;
using Flyball.Metrics.Pages;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>Sorts many series by their labels at once.</summary>
/// <remarks>
/// Comparing two label sets reads all the labels they share, and a comparing sort does that seventeen times for each of 100 000
/// series. Here the labels become keys whose byte order is the label order, and the keys are sorted eight bytes at a time, each
/// group of equals by its next eight: bytes that are shared are looked at once.
/// </remarks>
internal static class LabelSort
{
    private const int Word = 8;
    private const int FewSeries = 12;

    public delegate ReadOnlySpan<byte> LabelsOf(int series);

    /// <summary>Puts series into label order.</summary>
    public static void Sort(int[] series, LabelsOf labelsOf)
    {
        var keys = new ByteWriter(series.Length * 128);
        var starts = new int[series.Length + 1];
        for (var i = 0; i < series.Length; i++)
        {
            starts[i] = keys.Length;
            WriteKey(labelsOf(series[i]), keys);
        }

        starts[^1] = keys.Length;
        var order = new int[series.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        new Sorter(keys.WrittenMemory, starts, order).Sort(0, order.Length, 0);
        var unsorted = (int[])series.Clone();
        for (var i = 0; i < order.Length; i++)
        {
            series[i] = unsorted[order[i]];
        }
    }

    // Every text ends with 0 0 and a zero inside it becomes 0 1: so no end is taken for a continuation, and shorter comes first.
    private static void WriteKey(ReadOnlySpan<byte> encodedLabels, ByteWriter to)
    {
        var labels = new LabelSet.Enumerator(encodedLabels);
        while (labels.MoveNext())
        {
            WriteText(labels.Current.Name, to);
            WriteText(labels.Current.Value, to);
        }
    }

    private static void WriteText(ReadOnlySpan<byte> text, ByteWriter to)
    {
        for (var zero = text.IndexOf((byte)0); zero >= 0; zero = text.IndexOf((byte)0))
        {
            to.Write(text[..(zero + 1)]);
            to.WriteByte(1);
            text = text[(zero + 1)..];
        }

        to.Write(text);
        to.Take(2).Clear();
    }

    private sealed class Sorter(ReadOnlyMemory<byte> keys, int[] starts, int[] order)
    {
        private readonly ulong[] _words = new ulong[order.Length];

        public void Sort(int from, int until, int depth)
        {
            while (until - from > FewSeries)
            {
                if (!LoadWords(from, until, depth, out var ended))
                {
                    Array.Sort(_words, order, from, until - from);
                    SortEquals(from, until, depth);
                    return;
                }

                if (ended)
                {
                    return;
                }

                // All share these eight bytes.
                depth += Word;
            }

            var skip = depth;
            order.AsSpan(from, until - from).Sort((a, b) => Rest(a, skip).SequenceCompareTo(Rest(b, skip)));
        }

        private void SortEquals(int from, int until, int depth)
        {
            for (var i = from; i < until;)
            {
                var end = i + 1;
                while (end < until && _words[end] == _words[i])
                {
                    end++;
                }

                if (end - i > 1)
                {
                    Sort(i, end, depth + Word);
                }

                i = end;
            }
        }

        // Whether all are equal, and if so whether nothing comes after.
        private bool LoadWords(int from, int until, int depth, out bool ended)
        {
            var differences = 0UL;
            var longest = 0;
            for (var i = from; i < until; i++)
            {
                var rest = Rest(order[i], depth);
                longest = Math.Max(longest, rest.Length);
                _words[i] = WordOf(rest);
                differences |= _words[i] ^ _words[from];
            }

            ended = longest <= Word;
            return differences == 0;
        }

        private ReadOnlySpan<byte> Rest(int number, int depth)
        {
            var key = keys.Span[starts[number]..starts[number + 1]];
            return depth < key.Length ? key[depth..] : default;
        }

        private static ulong WordOf(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length >= Word)
            {
                return BinaryPrimitives.ReadUInt64BigEndian(bytes);
            }

            ulong word = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                word |= (ulong)bytes[i] << (56 - (8 * i));
            }

            return word;
        }
    }
}
