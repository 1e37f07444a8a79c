namespace Flyball.Metrics.PrometheusBlocks.Zstd;

/// <summary>A table of finite state entropy: per state a symbol and how the next state is found. RFC 8878, section 4.1.</summary>
internal sealed class FseTable
{
    private readonly byte[] _symbols;
    private readonly byte[] _bits;
    private readonly ushort[] _bases;

    private FseTable(int accuracy)
    {
        Accuracy = accuracy;
        _symbols = new byte[1 << accuracy];
        _bits = new byte[1 << accuracy];
        _bases = new ushort[1 << accuracy];
    }

    /// <summary>The table has two to the power of this many states.</summary>
    public int Accuracy { get; }

    /// <summary>A table that always gives one symbol.</summary>
    public static FseTable Of(byte symbol) => new(0) { _symbols = { [0] = symbol } };

    /// <summary>Builds a table from the share of each symbol; -1 is a share smaller than one.</summary>
    public static FseTable Build(ReadOnlySpan<short> shares, int accuracy)
    {
        var table = new FseTable(accuracy);
        var next = table.PlaceRare(shares, out var high);
        table.Spread(shares, high);
        for (var state = 0; state < table._symbols.Length; state++)
        {
            var number = next[table._symbols[state]]++;
            var bits = accuracy - System.Numerics.BitOperations.Log2((uint)number);
            table._bits[state] = (byte)bits;
            table._bases[state] = (ushort)((number << bits) - table._symbols.Length);
        }

        return table;
    }

    /// <summary>Reads the shares in front of compressed data.</summary>
    /// <param name="length">Bytes they take.</param>
    public static FseTable Read(ReadOnlySpan<byte> bytes, int mostSymbols, int mostAccuracy, out int length)
    {
        var at = 0;
        var accuracy = (int)ReadBits(bytes, ref at, 4) + 5;
        if (accuracy > mostAccuracy)
        {
            throw new InvalidDataException($"zstd: a table of accuracy {accuracy} is larger than {mostAccuracy} allows");
        }

        var shares = new List<short>();
        for (var remaining = (1 << accuracy) + 1; remaining > 1 && shares.Count < mostSymbols;)
        {
            var share = ReadShare(bytes, ref at, remaining);
            remaining -= Math.Abs(share);
            shares.Add((short)share);
            if (share != 0)
            {
                continue;
            }

            uint repeat;
            do
            {
                repeat = ReadBits(bytes, ref at, 2);
                shares.AddRange(Enumerable.Repeat((short)0, (int)repeat));
            }
            while (repeat == 3 && shares.Count <= mostSymbols);
        }

        if (shares.Count > mostSymbols || shares.Sum(s => Math.Abs(s)) != 1 << accuracy)
        {
            throw new InvalidDataException("zstd: the shares of a table do not add up");
        }

        length = (at + 7) / 8;
        return Build(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(shares), accuracy);
    }

    public byte Symbol(uint state) => _symbols[state];

    /// <summary>Reads the state after this one.</summary>
    public uint Next(uint state, ref BackwardBits bits) => _bases[state] + bits.Read(_bits[state]);

    /// <summary>Bits the next state will take.</summary>
    public int BitsOf(uint state) => _bits[state];

    // Symbols rarer than one state in all stand alone at the end of the table.
    private int[] PlaceRare(ReadOnlySpan<short> shares, out int high)
    {
        var next = new int[shares.Length];
        high = _symbols.Length - 1;
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            next[symbol] = Math.Abs((int)shares[symbol]);
            if (shares[symbol] == -1)
            {
                _symbols[high--] = (byte)symbol;
            }
        }

        return next;
    }

    private void Spread(ReadOnlySpan<short> shares, int high)
    {
        var size = _symbols.Length;
        var step = (size >> 1) + (size >> 3) + 3;
        var at = 0;
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            for (var i = 0; i < shares[symbol]; i++)
            {
                _symbols[at] = (byte)symbol;
                do
                {
                    at = (at + step) & (size - 1);
                }
                while (at > high);
            }
        }
    }

    // A share takes as many bits as what remains needs, small ones one bit less.
    private static int ReadShare(ReadOnlySpan<byte> bytes, ref int at, int remaining)
    {
        var width = System.Numerics.BitOperations.Log2((uint)remaining) + 1;
        var small = (1u << width) - 1 - (uint)remaining;
        var value = ReadBits(bytes, ref at, width - 1);
        if (value >= small)
        {
            value |= ReadBits(bytes, ref at, 1) << (width - 1);
            if (value >= 1u << (width - 1))
            {
                value -= small;
            }
        }

        return (int)value - 1;
    }

    private static uint ReadBits(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        uint value = 0;
        for (var i = 0; i < count; i++, at++)
        {
            if (at >> 3 >= bytes.Length)
            {
                throw new InvalidDataException("zstd: a table is cut off");
            }

            value |= (uint)((bytes[at >> 3] >> (at & 7)) & 1) << i;
        }

        return value;
    }
}
