using System.Buffers.Binary;
using System.Text.Json;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;

namespace Flyball.Alerting.Routing.Notifying;

/// <summary>The notification log on disk: a small file that is replaced as a whole.</summary>
/// <remarks>
/// <code>
/// "FBNL"  version = 1 (1 byte)  CRC-32C of the rest (4 bytes, big-endian)
/// UTF-8 JSON: [{"group", "receiver", "integration", "index", "at", "expires", "firing": ["16 hex digits"], "resolved": […]}]
/// </code>
/// Times are Unix milliseconds. See docs/formats/notification-log.md.
/// </remarks>
internal sealed class NotificationLogFile(IFileSystem files, string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    private const int HeaderBytes = 9;
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "FBNL"u8;

    /// <summary>Replaces the file.</summary>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    public void Write(NotificationLog log)
    {
        using var buffer = new MemoryStream();
        buffer.Write(Magic);
        buffer.WriteByte(Version);
        buffer.Write([0, 0, 0, 0]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var (key, entry) in log.Entries)
            {
                Write(json, key, entry);
            }

            json.WriteEndArray();
        }

        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), Crc32C.Of(bytes.AsSpan(HeaderBytes)));
        AtomicPublish.WriteFile(files, Path, bytes);
    }

    /// <summary>Reads the file into a log; nothing happens when there is none.</summary>
    /// <returns>Why it could not be used, or null. Without it some notifications may be sent a second time.</returns>
    /// <exception cref="IOException">The disk is broken.</exception>
    public string? ReadInto(NotificationLog log)
    {
        if (!files.FileExists(Path))
        {
            return null;
        }

        var bytes = AtomicPublish.ReadFile(files, Path);
        if (bytes.Length < HeaderBytes || !bytes.AsSpan(0, 4).SequenceEqual(Magic))
        {
            return "it is no notification log";
        }

        if (bytes[4] != Version)
        {
            return $"its version {bytes[4]} is unknown";
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5)) != Crc32C.Of(bytes.AsSpan(HeaderBytes)))
        {
            return "its checksum is wrong";
        }

        using var json = JsonDocument.Parse(bytes.AsMemory(HeaderBytes));
        foreach (var element in json.RootElement.EnumerateArray())
        {
            log.Record(ReadKey(element), ReadEntry(element));
        }

        return null;
    }

    private static void Write(Utf8JsonWriter json, NotificationKey key, NotificationEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("group", key.GroupKey);
        json.WriteString("receiver", key.Receiver);
        json.WriteString("integration", key.Integration);
        json.WriteNumber("index", key.Index);
        json.WriteNumber("at", entry.At.ToUnixTimeMilliseconds());
        json.WriteNumber("expires", entry.ExpiresAt.ToUnixTimeMilliseconds());
        WriteSet(json, "firing", entry.Firing);
        WriteSet(json, "resolved", entry.Resolved);
        json.WriteEndObject();
    }

    private static void WriteSet(Utf8JsonWriter json, string name, IReadOnlySet<ulong> fingerprints)
    {
        json.WriteStartArray(name);
        foreach (var fingerprint in fingerprints)
        {
            json.WriteStringValue(AlertFingerprint.ToText(fingerprint));
        }

        json.WriteEndArray();
    }

    private static NotificationKey ReadKey(JsonElement element) => new(
        element.GetProperty("group").GetString()!,
        element.GetProperty("receiver").GetString()!,
        element.GetProperty("integration").GetString()!,
        element.GetProperty("index").GetInt32());

    private static NotificationEntry ReadEntry(JsonElement element) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(element.GetProperty("at").GetInt64()),
        DateTimeOffset.FromUnixTimeMilliseconds(element.GetProperty("expires").GetInt64()),
        ReadSet(element.GetProperty("firing")),
        ReadSet(element.GetProperty("resolved")));

    private static HashSet<ulong> ReadSet(JsonElement list) =>
        [.. list.EnumerateArray().Select(f => ulong.Parse(f.GetString()!, System.Globalization.NumberStyles.HexNumber))];
}
