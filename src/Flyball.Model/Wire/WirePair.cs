namespace Flyball.Model.Wire;

/// <summary>Messages of two parts, fields 1 and 2: labels of Prometheus' protocols, key and value of OpenTelemetry's.</summary>
public static class WirePair
{
    /// <summary>Takes a message apart; both parts lie in it, and what is missing is empty.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static void Split(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        first = second = default;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    first = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    second = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }
}
