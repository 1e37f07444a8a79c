namespace Flyball.Metrics.PrometheusBlocks.Zstd;

/// <summary>Prefix codes of literals. RFC 8878, section 4.2.</summary>
internal sealed class HuffmanTable
{
    private const int LongestCode = 11;
    private const int MostWeights = 255;

    private readonly byte[] _symbols;
    private readonly byte[] _lengths;
    private readonly int _longest;

    private HuffmanTable(ReadOnlySpan<byte> weights, int longest)
    {
        _longest = longest;
        _symbols = new byte[1 << longest];
        _lengths = new byte[1 << longest];

        // The lighter a symbol, the longer its code; codes of one length in the order of their symbols.
        var at = 0;
        for (var weight = 1; weight <= longest; weight++)
        {
            for (var symbol = 0; symbol < weights.Length; symbol++)
            {
                if (weights[symbol] == weight)
                {
                    var states = 1 << (weight - 1);
                    _symbols.AsSpan(at, states).Fill((byte)symbol);
                    _lengths.AsSpan(at, states).Fill((byte)(longest + 1 - weight));
                    at += states;
                }
            }
        }
    }

    /// <summary>Reads the description of a table.</summary>
    /// <param name="length">Bytes it takes.</param>
    public static HuffmanTable Read(ReadOnlySpan<byte> bytes, out int length)
    {
        if (bytes.IsEmpty)
        {
            throw new InvalidDataException("zstd: a Huffman table is cut off");
        }

        var head = bytes[0];
        var isPacked = head < 128;
        length = 1 + (isPacked ? head : (head - 127 + 1) / 2);
        if (bytes.Length < length)
        {
            throw new InvalidDataException("zstd: a Huffman table is cut off");
        }

        var weights = isPacked ? ReadPacked(bytes[1..length]) : ReadPlain(bytes[1..length], head - 127);
        return Complete(weights);
    }

    /// <summary>Decodes one stream until the destination is full.</summary>
    public void Decode(ReadOnlySpan<byte> stream, Span<byte> to)
    {
        var bits = new BackwardBits(stream);
        for (var i = 0; i < to.Length; i++)
        {
            var state = bits.Peek(_longest);
            to[i] = _symbols[state];
            bits.Skip(_lengths[state]);
        }

        if (bits.Left != 0)
        {
            throw new InvalidDataException("zstd: a stream of literals does not end where its literals do");
        }
    }

    private static List<byte> ReadPlain(ReadOnlySpan<byte> bytes, int count)
    {
        var weights = new List<byte>(count);
        for (var i = 0; i < count; i++)
        {
            weights.Add((byte)((i & 1) == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15));
        }

        return weights;
    }

    // Two states take turns; the stream ends when the next state would need bits that are not there.
    private static List<byte> ReadPacked(ReadOnlySpan<byte> bytes)
    {
        var table = FseTable.Read(bytes, LongestCode + 2, mostAccuracy: 6, out var used);
        var bits = new BackwardBits(bytes[used..]);
        var weights = new List<byte>();
        uint even = bits.Read(table.Accuracy), odd = bits.Read(table.Accuracy);
        while (weights.Count <= MostWeights)
        {
            weights.Add(table.Symbol(even));
            if (bits.Left < table.BitsOf(even))
            {
                weights.Add(table.Symbol(odd));
                return weights;
            }

            even = table.Next(even, ref bits);
            (even, odd) = (odd, even);
        }

        throw new InvalidDataException("zstd: a Huffman table has too many weights");
    }

    // The last weight is not written: it fills the sum up to a power of two.
    private static HuffmanTable Complete(List<byte> weights)
    {
        var sum = weights.Sum(w => w == 0 ? 0 : 1 << (w - 1));
        var longest = sum == 0 ? 0 : System.Numerics.BitOperations.Log2((uint)sum) + 1;
        var rest = (1 << longest) - sum;
        if (sum == 0 || longest > LongestCode || weights.Count > MostWeights || !System.Numerics.BitOperations.IsPow2(rest))
        {
            throw new InvalidDataException("zstd: the weights of a Huffman table do not add up");
        }

        weights.Add((byte)(System.Numerics.BitOperations.Log2((uint)rest) + 1));
        return new HuffmanTable(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(weights), longest);
    }
}
