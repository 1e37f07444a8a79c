using System.Text;
using Flyball.Model.Wire;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Reads the elements of an array attribute from its OTLP bytes.</summary>
internal static class ArrayValues
{
    public static Value Read(ReadOnlySpan<byte> array)
    {
        var items = new List<Value>();
        var reader = new WireReader(array);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == 1 && type == WireType.Bytes)
            {
                items.Add(ReadElement(reader.ReadBytes()));
            }
            else
            {
                reader.Skip(type);
            }
        }

        return Value.OfList(items);
    }

    private static Value ReadElement(ReadOnlySpan<byte> any)
    {
        var value = Value.Nil;
        var reader = new WireReader(any);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    value = Value.Of(Encoding.UTF8.GetString(reader.ReadBytes()));
                    break;
                case (2, WireType.Varint):
                    value = Value.Of(reader.ReadVarint() != 0);
                    break;
                case (3, WireType.Varint):
                    value = Value.Of((long)reader.ReadVarint());
                    break;
                case (4, WireType.Fixed64):
                    value = Value.Of(reader.ReadDouble());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return value;
    }
}
