using System.Buffers.Binary;

namespace Flyball.Model.Wire;

/// <summary>Writes protobuf messages into one growing buffer; nested messages get their length when they are closed.</summary>
/// <remarks>Reused by <see cref="Clear"/>. Not thread-safe.</remarks>
public sealed class WireWriter
{
    // A nested message's length is unknown until it is complete. Five bytes are kept free and the body moves up when the
    // length needs fewer: for the small messages written here the move costs less than counting sizes beforehand.
    private const int LengthRoom = 5;

    private byte[] _buffer = new byte[1024];
    private int _used;

    /// <summary>What was written so far; dies at the next call.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _used);

    /// <summary>What was written so far; dies at the next call.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _used);

    /// <summary>Empties the writer and keeps its memory.</summary>
    public void Clear() => _used = 0;

    /// <summary>Writes a number field; zero, the default, is left out.</summary>
    public void Varint(int field, ulong value)
    {
        if (value != 0)
        {
            VarintAlways(field, value);
        }
    }

    /// <summary>Writes a number field, also a zero: for members of a oneof.</summary>
    public void VarintAlways(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Raw(value);
    }

    /// <summary>Writes a four-byte field; zero is left out.</summary>
    public void Fixed32(int field, uint value)
    {
        if (value != 0)
        {
            Tag(field, WireType.Fixed32);
            BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);
            _used += 4;
        }
    }

    /// <summary>Writes an eight-byte field; zero is left out.</summary>
    public void Fixed64(int field, ulong value)
    {
        if (value != 0)
        {
            Fixed64Always(field, value);
        }
    }

    /// <summary>Writes an eight-byte field, also a zero.</summary>
    public void Fixed64Always(int field, ulong value)
    {
        Tag(field, WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _used += 8;
    }

    /// <summary>Writes a double, also a zero: for members of a oneof.</summary>
    public void DoubleAlways(int field, double value) => Fixed64Always(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes text or bytes; nothing at all when they are empty.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            BytesAlways(field, value);
        }
    }

    /// <summary>Writes text or bytes, also empty ones: for members of a oneof.</summary>
    public void BytesAlways(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.Bytes);
        Raw((ulong)value.Length);
        value.CopyTo(Room(value.Length));
        _used += value.Length;
    }

    /// <summary>Writes text; nothing when it is empty.</summary>
    public void Text(int field, string value)
    {
        if (value.Length > 0)
        {
            Tag(field, WireType.Bytes);
            Raw((ulong)System.Text.Encoding.UTF8.GetByteCount(value));
            _used += System.Text.Encoding.UTF8.GetBytes(value, Room(System.Text.Encoding.UTF8.GetMaxByteCount(value.Length)));
        }
    }

    /// <summary>Opens a nested message.</summary>
    /// <returns>What <see cref="End"/> wants back.</returns>
    public int Begin(int field)
    {
        Tag(field, WireType.Bytes);
        Room(LengthRoom);
        _used += LengthRoom;
        return _used;
    }

    /// <summary>Closes the nested message opened last.</summary>
    public void End(int begun)
    {
        var length = _used - begun;
        var at = begun - LengthRoom;
        var rest = (uint)length;
        while (rest >= 0x80)
        {
            _buffer[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _buffer[at++] = (byte)rest;
        Buffer.BlockCopy(_buffer, begun, _buffer, at, length);
        _used = at + length;
    }

    private void Tag(int field, WireType type) => Raw(((ulong)(uint)field << 3) | (uint)type);

    private void Raw(ulong value)
    {
        var room = Room(10);
        var at = 0;
        while (value >= 0x80)
        {
            room[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[at++] = (byte)value;
        _used += at;
    }

    private Span<byte> Room(int count)
    {
        if (_buffer.Length - _used < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _used + count));
        }

        return _buffer.AsSpan(_used);
    }
}
