using Flyball.Model.Wire;

namespace Flyball.Ingest.Exposition;

/// <summary>The message of a label, name 1 and value 2: the same in the exposition format and in remote write 1.0.</summary>
internal static class LabelPair
{
    /// <summary>Takes a message apart; what is missing is empty.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static void Split(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    name = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    value = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }
}
