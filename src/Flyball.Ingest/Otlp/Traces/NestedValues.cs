using System.Text.Unicode;
using Flyball.Model.Spans;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Checks lists and maps inside attribute values once, so that whoever reads the stored bytes need not.</summary>
internal static class NestedValues
{
    /// <summary>Walks an ArrayValue (values 1) or a KeyValueList (values 1 { key 1, value 2 }).</summary>
    /// <exception cref="WireFormatException">It is malformed.</exception>
    /// <exception cref="OtlpDecodeException">It is nested too deeply or holds text that is not UTF-8.</exception>
    public static void Check(ReadOnlySpan<byte> message, AttributeKind kind, int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw new OtlpDecodeException("an attribute value is nested more than 32 levels deep");
        }

        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field != 1 || type != WireType.Bytes)
            {
                reader.Skip(type);
            }
            else if (kind == AttributeKind.Array)
            {
                CheckValue(reader.ReadBytes(), depthLeft);
            }
            else
            {
                CheckKeyValue(reader.ReadBytes(), depthLeft);
            }
        }
    }

    private static void CheckKeyValue(ReadOnlySpan<byte> message, int depthLeft)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    CheckText(reader.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    CheckValue(reader.ReadBytes(), depthLeft);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private static void CheckValue(ReadOnlySpan<byte> message, int depthLeft)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    CheckText(reader.ReadBytes());
                    break;
                case (5, WireType.Bytes):
                    Check(reader.ReadBytes(), AttributeKind.Array, depthLeft - 1);
                    break;
                case (6, WireType.Bytes):
                    Check(reader.ReadBytes(), AttributeKind.Map, depthLeft - 1);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private static void CheckText(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            throw new OtlpDecodeException("a nested attribute value holds text that is not valid UTF-8");
        }
    }
}
