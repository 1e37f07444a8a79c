using System.Text;

namespace Flyball.Bench.Peers.Workload;

/// <summary>Labels as remote write sends them: field 1 of TimeSeries, each a message of name (1) and value (2), sorted.</summary>
internal static class LabelBytes
{
    public static byte[] Of(IEnumerable<(string Name, string Value)> labels)
    {
        using var bytes = new MemoryStream();
        foreach (var (name, value) in labels.OrderBy(l => l.Name, StringComparer.Ordinal))
        {
            var nameBytes = Encoding.UTF8.GetBytes(name);
            var valueBytes = Encoding.UTF8.GetBytes(value);
            bytes.WriteByte(0x0A);
            WriteNumber(bytes, 2 + LengthOf(nameBytes.Length) + nameBytes.Length + LengthOf(valueBytes.Length) + valueBytes.Length);
            WriteText(bytes, 0x0A, nameBytes);
            WriteText(bytes, 0x12, valueBytes);
        }

        return bytes.ToArray();
    }

    private static void WriteText(MemoryStream to, byte tag, byte[] text)
    {
        to.WriteByte(tag);
        WriteNumber(to, text.Length);
        to.Write(text);
    }

    private static int LengthOf(int number) => number < 0x80 ? 1 : 2;

    private static void WriteNumber(MemoryStream to, int number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            to.WriteByte((byte)(number | 0x80));
        }

        to.WriteByte((byte)number);
    }
}
