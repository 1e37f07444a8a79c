namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Unpacks the block format of Snappy, which Prometheus' write-ahead log uses. Format: google/snappy, format_description.</summary>
internal static class SnappyBlock
{
    private const int MostBytes = 256 << 20;

    /// <summary>Unpacks a block.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> packed)
    {
        var reader = new GoReader(packed);
        var length = reader.ReadUvarint();
        if (length > MostBytes)
        {
            throw new InvalidDataException($"a record of {length} bytes is larger than any Prometheus writes");
        }

        var to = new byte[length];
        var at = 0;
        while (!reader.AtEnd)
        {
            int tag = reader.ReadByte();
            switch (tag & 3)
            {
                case 0:
                    var literal = reader.Read(LiteralLength(ref reader, tag));
                    Room(to, at, literal.Length);
                    literal.CopyTo(to.AsSpan(at));
                    at += literal.Length;
                    break;
                case 1:
                    at = Copy(to, at, ((tag >> 5) << 8) | reader.ReadByte(), ((tag >> 2) & 7) + 4);
                    break;
                case 2:
                    at = Copy(to, at, reader.ReadByte() | (reader.ReadByte() << 8), (tag >> 2) + 1);
                    break;
                default:
                    at = Copy(to, at, reader.ReadByte() | (reader.ReadByte() << 8) | (reader.ReadByte() << 16) | (reader.ReadByte() << 24), (tag >> 2) + 1);
                    break;
            }
        }

        return at == to.Length ? to : throw new InvalidDataException($"a block unpacks to {at} bytes and says {to.Length}");
    }

    private static int LiteralLength(ref GoReader reader, int tag)
    {
        var length = tag >> 2;
        if (length < 60)
        {
            return length + 1;
        }

        var bytes = length - 59;
        length = 0;
        for (var i = 0; i < bytes; i++)
        {
            length |= reader.ReadByte() << (8 * i);
        }

        return length + 1;
    }

    private static int Copy(byte[] to, int at, int offset, int length)
    {
        if (offset <= 0 || offset > at)
        {
            throw new InvalidDataException("a copy begins before the data does");
        }

        Room(to, at, length);

        // Source and target may overlap: a run of one byte copies itself forward.
        for (var i = 0; i < length; i++, at++)
        {
            to[at] = to[at - offset];
        }

        return at;
    }

    private static void Room(byte[] to, int at, int length)
    {
        if (length < 0 || length > to.Length - at)
        {
            throw new InvalidDataException("a block unpacks to more bytes than it says");
        }
    }
}
