using System.Buffers.Binary;

namespace Flyball.Model.Wire;

/// <summary>How a protobuf field is laid out. Numbers of the wire format.</summary>
public enum WireType
{
    /// <summary>A base-128 number.</summary>
    Varint = 0,

    /// <summary>Eight bytes.</summary>
    Fixed64 = 1,

    /// <summary>A length and as many bytes: text, bytes, message, packed list.</summary>
    Bytes = 2,

    /// <summary>Start of a group (obsolete, skipped).</summary>
    GroupStart = 3,

    /// <summary>End of a group (obsolete, skipped).</summary>
    GroupEnd = 4,

    /// <summary>Four bytes.</summary>
    Fixed32 = 5,
}

/// <summary>Walks the fields of one protobuf message, without objects and without a schema.</summary>
/// <remarks>Never reads outside its bytes. Every malformation is a <see cref="WireFormatException"/> with an offset.
/// Layout: protobuf documentation, "Encoding".</remarks>
public ref struct WireReader
{
    private const int MostNestedGroups = 64;

    private readonly ReadOnlySpan<byte> _message;
    private int _at;

    /// <summary>Starts at the first field of a message.</summary>
    public WireReader(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>Offset of the next byte, counted from the start of the message.</summary>
    public int Position
    {
        readonly get => _at;
        set => _at = value;
    }

    /// <summary>Whether nothing is left: for packed lists, which have no fields.</summary>
    public readonly bool AtEnd => _at >= _message.Length;

    /// <summary>Reads the next field's number and layout; false at the end of the message.</summary>
    /// <exception cref="WireFormatException">The bytes are no field.</exception>
    public bool TryReadField(out int field, out WireType type)
    {
        if (_at >= _message.Length)
        {
            field = 0;
            type = default;
            return false;
        }

        var tag = ReadVarint();
        field = (int)(tag >> 3);
        type = (WireType)(tag & 7);
        if (tag > uint.MaxValue || field == 0 || type > WireType.Fixed32)
        {
            throw new WireFormatException($"no field has the tag {tag}", _at);
        }

        return true;
    }

    /// <summary>Reads a base-128 number.</summary>
    public ulong ReadVarint()
    {
        if (_at < _message.Length && _message[_at] < 0x80)
        {
            return _message[_at++];
        }

        return ReadLongVarint();
    }

    /// <summary>Reads a zigzag-coded number (<c>sint32</c>, <c>sint64</c>).</summary>
    public long ReadZigZag()
    {
        var raw = ReadVarint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>Reads four bytes.</summary>
    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads eight bytes.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>Reads a double.</summary>
    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadFixed64());

    /// <summary>Reads text, bytes, a message or a packed list; afterwards <see cref="Position"/> is behind it.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)(_message.Length - _at))
        {
            throw new WireFormatException($"a field of {length} bytes has only {_message.Length - _at} left", _at);
        }

        return Take((int)length);
    }

    /// <summary>Passes over the value of a field nobody asked for.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                Take(8);
                break;
            case WireType.Bytes:
                ReadBytes();
                break;
            case WireType.Fixed32:
                Take(4);
                break;
            case WireType.GroupStart:
                SkipGroup();
                break;
            default:
                throw new WireFormatException("a group ends that never began", _at);
        }
    }

    private void SkipGroup()
    {
        // A counter instead of recursion: a hostile message may nest groups one byte each.
        var depth = 1;
        while (depth > 0)
        {
            if (!TryReadField(out _, out var type))
            {
                throw new WireFormatException("a group does not end", _at);
            }

            if (type is WireType.GroupStart && ++depth > MostNestedGroups)
            {
                throw new WireFormatException($"more than {MostNestedGroups} nested groups", _at);
            }

            if (type is WireType.GroupEnd)
            {
                depth--;
            }
            else if (type is not WireType.GroupStart)
            {
                Skip(type);
            }
        }
    }

    private ulong ReadLongVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= _message.Length)
            {
                throw new WireFormatException("a number is cut off", _at);
            }

            var next = _message[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new WireFormatException("a number has more than ten bytes", _at);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_message.Length - _at < count)
        {
            throw new WireFormatException($"{count} bytes are announced, {_message.Length - _at} are left", _at);
        }

        var taken = _message.Slice(_at, count);
        _at += count;
        return taken;
    }
}

/// <summary>Bytes are not a protobuf message.</summary>
public sealed class WireFormatException(string what, int offset)
    : FormatException($"malformed protobuf at byte {offset} of its message: {what}");
