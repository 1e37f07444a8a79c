using System.Buffers.Binary;

namespace Flyball.Metrics.PrometheusBlocks.Zstd;

/// <summary>Decodes the compressed blocks of one frame: literals, and sequences that copy them and what came before. RFC 8878, section 3.1.1.3.</summary>
/// <remarks>Tables live on from block to block of a frame, so do the last three offsets.</remarks>
internal sealed class ZstdBlock(int mostBytes)
{
    private const int MostLiterals = 1 << 17;

    private readonly int[] _offsets = [1, 4, 8];
    private HuffmanTable? _huffman;
    private FseTable? _literalLengths;
    private FseTable? _matchLengths;
    private FseTable? _offsetCodes;

    /// <summary>Appends the content of a block.</summary>
    public void Decode(ReadOnlySpan<byte> block, List<byte> to)
    {
        var literals = ReadLiterals(block, out var used);
        var rest = block[used..];
        var count = ReadSequenceCount(ref rest);
        if (count == 0)
        {
            to.AddRange(literals);
            return;
        }

        if (rest.IsEmpty)
        {
            throw CutOff();
        }

        var modes = rest[0];
        rest = rest[1..];
        _literalLengths = ReadTable(modes >> 6, _literalLengths, SequenceCodes.DefaultLiterals, SequenceCodes.LargestLiteralLength, 9, ref rest);
        _offsetCodes = ReadTable((modes >> 4) & 3, _offsetCodes, SequenceCodes.DefaultOffsets, SequenceCodes.LargestOffset, 8, ref rest);
        _matchLengths = ReadTable((modes >> 2) & 3, _matchLengths, SequenceCodes.DefaultMatches, SequenceCodes.LargestMatchLength, 9, ref rest);
        Execute(count, literals, rest, to);
    }

    private void Execute(int count, ReadOnlySpan<byte> literals, ReadOnlySpan<byte> stream, List<byte> to)
    {
        var bits = new BackwardBits(stream);
        var literalState = bits.Read(_literalLengths!.Accuracy);
        var offsetState = bits.Read(_offsetCodes!.Accuracy);
        var matchState = bits.Read(_matchLengths!.Accuracy);
        for (var i = 0; i < count; i++)
        {
            var code = _offsetCodes.Symbol(offsetState);
            var value = (1L << code) + bits.Read(code);
            var match = SequenceCodes.MatchLength(_matchLengths.Symbol(matchState), ref bits);
            var plain = SequenceCodes.LiteralLength(_literalLengths.Symbol(literalState), ref bits);
            if (plain > literals.Length || to.Count + plain + match > mostBytes)
            {
                throw new InvalidDataException("zstd: a sequence takes more than there is");
            }

            to.AddRange(literals[..plain]);
            literals = literals[plain..];
            Copy(to, OffsetOf(value, plain), match);
            if (i + 1 < count)
            {
                literalState = _literalLengths.Next(literalState, ref bits);
                matchState = _matchLengths.Next(matchState, ref bits);
                offsetState = _offsetCodes.Next(offsetState, ref bits);
            }
        }

        if (bits.Left != 0)
        {
            throw new InvalidDataException("zstd: the sequences of a block do not end where they should");
        }

        to.AddRange(literals);
    }

    // Values 1 to 3 name one of the last three offsets; after an empty literal they are shifted by one.
    private int OffsetOf(long value, int literalLength)
    {
        if (value > 3)
        {
            (_offsets[2], _offsets[1], _offsets[0]) = (_offsets[1], _offsets[0], checked((int)(value - 3)));
            return _offsets[0];
        }

        var which = (int)value - 1 + (literalLength == 0 ? 1 : 0);
        var offset = which == 3 ? _offsets[0] - 1 : _offsets[which];
        if (which >= 2)
        {
            _offsets[2] = _offsets[1];
        }

        if (which >= 1)
        {
            _offsets[1] = _offsets[0];
        }

        return _offsets[0] = offset;
    }

    private static void Copy(List<byte> to, int offset, int length)
    {
        if (offset <= 0 || offset > to.Count)
        {
            throw new InvalidDataException($"zstd: a copy from {offset} bytes back has only {to.Count} before it");
        }

        // It may reach into what it writes: that repeats the bytes before it.
        for (var from = to.Count - offset; length > 0; length--)
        {
            to.Add(to[from++]);
        }
    }

    private static int ReadSequenceCount(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || (rest[0] >= 128 && rest.Length < 2) || (rest[0] == 255 && rest.Length < 3))
        {
            throw CutOff();
        }

        int first = rest[0];
        var (count, bytes) = first switch
        {
            < 128 => (first, 1),
            < 255 => (((first - 128) << 8) + rest[1], 2),
            _ => (rest[1] + (rest[2] << 8) + 0x7f00, 3),
        };
        rest = rest[bytes..];
        return count;
    }

    private static FseTable ReadTable(int mode, FseTable? before, FseTable predefined, int largest, int mostAccuracy, ref ReadOnlySpan<byte> rest)
    {
        switch (mode)
        {
            case 0:
                return predefined;
            case 1:
                if (rest.IsEmpty || rest[0] > largest)
                {
                    throw CutOff();
                }

                var single = FseTable.Of(rest[0]);
                rest = rest[1..];
                return single;
            case 2:
                var table = FseTable.Read(rest, largest + 1, mostAccuracy, out var used);
                rest = rest[used..];
                return table;
            default:
                return before ?? throw new InvalidDataException("zstd: a block repeats a table that there was not");
        }
    }

    // Kinds: 0 raw, 1 one byte repeated, 2 Huffman with its table, 3 Huffman with the table before.
    private byte[] ReadLiterals(ReadOnlySpan<byte> block, out int used)
    {
        if (block.Length < 3 && (block.IsEmpty || (block[0] & 3) >= 2))
        {
            throw CutOff();
        }

        var kind = block[0] & 3;
        var form = (block[0] >> 2) & 3;
        if (kind < 2)
        {
            return ReadPlainLiterals(block, kind, form, out used);
        }

        var (head, width) = form switch { 0 or 1 => (3, 10), 2 => (4, 14), _ => (5, 18) };
        if (block.Length < head)
        {
            throw CutOff();
        }

        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        block[..head].CopyTo(padded);
        var numbers = BinaryPrimitives.ReadUInt64LittleEndian(padded) >> 4;
        var size = (int)(numbers & ((1UL << width) - 1));
        var packed = (int)((numbers >> width) & ((1UL << width) - 1));
        used = head + packed;
        if (size > MostLiterals || block.Length < used)
        {
            throw CutOff();
        }

        var content = block[head..used];
        if (kind == 2)
        {
            _huffman = HuffmanTable.Read(content, out var table);
            content = content[table..];
        }

        var literals = new byte[size];
        DecodeStreams(_huffman ?? throw new InvalidDataException("zstd: literals repeat a table that there was not"), content, literals, form == 0 ? 1 : 4);
        return literals;
    }

    private static byte[] ReadPlainLiterals(ReadOnlySpan<byte> block, int kind, int form, out int used)
    {
        var head = form switch { 0 or 2 => 1, 1 => 2, _ => 3 };
        if (block.Length < head)
        {
            throw CutOff();
        }

        var size = head switch
        {
            1 => block[0] >> 3,
            2 => (block[0] >> 4) | (block[1] << 4),
            _ => (block[0] >> 4) | (block[1] << 4) | (block[2] << 12),
        };
        used = head + (kind == 0 ? size : 1);
        if (size > MostLiterals || block.Length < used)
        {
            throw CutOff();
        }

        if (kind == 0)
        {
            return block.Slice(head, size).ToArray();
        }

        var literals = new byte[size];
        literals.AsSpan().Fill(block[head]);
        return literals;
    }

    private static void DecodeStreams(HuffmanTable table, ReadOnlySpan<byte> content, Span<byte> literals, int streams)
    {
        if (streams == 1)
        {
            table.Decode(content, literals);
            return;
        }

        const int JumpTable = 6;
        var each = (literals.Length + 3) / 4;
        if (content.Length < JumpTable || each * 3 > literals.Length)
        {
            throw CutOff();
        }

        var at = JumpTable;
        for (var i = 0; i < 4; i++)
        {
            var length = i < 3 ? BinaryPrimitives.ReadUInt16LittleEndian(content[(2 * i)..]) : content.Length - at;
            if (length < 0 || at + length > content.Length)
            {
                throw CutOff();
            }

            table.Decode(content.Slice(at, length), i < 3 ? literals.Slice(i * each, each) : literals[(3 * each)..]);
            at += length;
        }
    }

    private static InvalidDataException CutOff() => new("zstd: a block is cut off");
}
