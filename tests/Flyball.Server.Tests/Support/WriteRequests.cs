using System.Net.Http.Headers;
using System.Text;

namespace Flyball.Server.Tests.Support;

/// <summary>Remote-write requests of version 1.0, byte by byte: literal snappy around <c>prometheus.WriteRequest</c>.</summary>
internal static class WriteRequests
{
    /// <summary>One sample each for series that have only a name.</summary>
    public static ByteArrayContent Of(params (string Name, long At, double Value)[] samples)
    {
        var request = new List<byte>();
        foreach (var (name, at, value) in samples)
        {
            byte[] label = [.. Field(1, "__name__"u8), .. Field(2, Encoding.UTF8.GetBytes(name))];
            byte[] sample = [0x09, .. BitConverter.GetBytes(value), 0x10, .. Varint((ulong)at)];
            request.AddRange(Field(1, [.. Field(1, label), .. Field(2, sample)]));
        }

        var content = new ByteArrayContent(Snappy([.. request]));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        return content;
    }

    private static byte[] Snappy(byte[] bytes) =>
        [.. Varint((ulong)bytes.Length), 0xf4, (byte)(bytes.Length - 1), (byte)((bytes.Length - 1) >> 8), .. bytes];

    private static byte[] Field(int number, ReadOnlySpan<byte> bytes) => [(byte)((number << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
