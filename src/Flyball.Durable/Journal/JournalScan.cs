using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Model.Journaling;

namespace Flyball.Durable.Journal;

/// <summary>Walks a journal's files entry by entry and checks everything that can be checked.</summary>
/// <remarks>
/// 1. Each segment's header continues where the segment before ended. 2. Each frame has its checksum. 3. Each entry has its hash, its
/// position and the hash of the one before. 4. The head mark, if there is one, is reached.
/// The walk stops at the first thing that is wrong; <see cref="Damage"/> names it. A frame that breaks off at the very end is
/// <see cref="TornAt"/> instead: a crash does that, and nothing in it was acknowledged (the head mark would know).
/// </remarks>
internal sealed class JournalScan(IFileSystem files, string directory)
{
    private byte[] _hash = new byte[JournalFormat.HashSize];

    /// <summary>Entries found whole.</summary>
    public long Entries { get; private set; }

    /// <summary>Hash of the last whole entry; zeros when there is none.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Segments in order: path and whole length in bytes.</summary>
    public List<(string Path, long GoodLength)> Segments { get; } = [];

    /// <summary>Where the last segment breaks off, if it does.</summary>
    public long? TornAt { get; private set; }

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public JournalDamage? Damage { get; private set; }

    /// <summary>Walks everything.</summary>
    /// <param name="onEntry">Gets each whole entry with the index of its segment and the offset of its length prefix.</param>
    public void Run(Action<JournalEntry, int, long>? onEntry, CancellationToken cancellationToken)
    {
        // The mark first: while the journal is being written, the segments may be ahead of it, never behind.
        var head = ReadHead();
        foreach (var file in files.List(directory))
        {
            if (Damage is not null || TornAt is not null)
            {
                break;
            }

            if (file.Name.EndsWith(JournalFormat.SegmentSuffix, StringComparison.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                ScanSegment(Path.Combine(directory, file.Name), onEntry);
            }
        }

        CheckNothingFollowsTear();
        CheckHead(head);
    }

    private (long Entries, byte[] Hash)? ReadHead()
    {
        var path = Path.Combine(directory, JournalFormat.HeadName);
        return files.FileExists(path) ? JournalFormat.ReadHead(AtomicPublish.ReadFile(files, path)) : null;
    }

    private void ScanSegment(string path, Action<JournalEntry, int, long>? onEntry)
    {
        var bytes = AtomicPublish.ReadFile(files, path);
        Segments.Add((path, 0));
        if (JournalFormat.ReadHeader(bytes, out var error) is not { } header)
        {
            if (bytes.Length < JournalFormat.HeaderSize)
            {
                TornAt = 0;
            }
            else
            {
                Fail(path, 0, error);
            }

            return;
        }

        if (header.FirstPosition != Entries || !header.PreviousHash.AsSpan().SequenceEqual(_hash)
            || Path.GetFileName(path) != JournalFormat.SegmentName(Entries))
        {
            Fail(path, 0, $"the segment before ends at entry {Entries}, this one begins at {header.FirstPosition} or after another entry");
            return;
        }

        long at = JournalFormat.HeaderSize;
        while (at < bytes.Length && ScanFrame(path, bytes, ref at, onEntry))
        {
        }

        Segments[^1] = (path, Math.Min(at, bytes.Length));
    }

    private bool ScanFrame(string path, byte[] bytes, ref long at, Action<JournalEntry, int, long>? onEntry)
    {
        var rest = bytes.AsSpan((int)at);
        var length = rest.Length < JournalFormat.FrameHeaderSize ? 0 : BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
        var whole = rest.Length >= JournalFormat.FrameHeaderSize && rest.StartsWith(JournalFormat.FrameMagic)
            && length > 0 && length <= rest.Length - JournalFormat.FrameHeaderSize;
        var payload = whole ? rest.Slice(JournalFormat.FrameHeaderSize, length) : default;
        if (!whole || BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) != Crc32C.Of(payload))
        {
            if (HasWholeFrame(rest[1..]))
            {
                FailInside(path, at, payload);
            }
            else
            {
                TornAt = at;
            }

            return false;
        }

        // Nothing is handed on before the whole frame is known to be good: recovery must not keep a part of it.
        var found = new List<(JournalEntry Entry, long Offset)>();
        if (!ScanPayload(path, at + JournalFormat.FrameHeaderSize, payload, found))
        {
            return false;
        }

        foreach (var (entry, offset) in found)
        {
            onEntry?.Invoke(entry, Segments.Count - 1, offset);
        }

        at += JournalFormat.FrameHeaderSize + length;
        return true;
    }

    private bool ScanPayload(string path, long offset, ReadOnlySpan<byte> payload, List<(JournalEntry Entry, long Offset)> found)
    {
        while (!payload.IsEmpty)
        {
            var length = payload.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(payload);
            if (length < 0 || length > payload.Length - 4)
            {
                return Fail(path, offset, "the entry's length is wrong");
            }

            var entry = JournalFormat.Decode(payload.Slice(4, length), out var error);
            if (entry is null)
            {
                return Fail(path, offset, error);
            }

            if (entry.Position != Entries || entry.PreviousHash != Convert.ToHexStringLower(_hash))
            {
                return Fail(path, offset, $"entry {entry.Position} does not follow entry {Entries - 1}: one was changed, added or taken away");
            }

            payload.Slice(4 + length - JournalFormat.HashSize, JournalFormat.HashSize).CopyTo(_hash);
            Entries++;
            found.Add((entry, offset));
            payload = payload[(4 + length)..];
            offset += 4 + length;
        }

        return true;
    }

    /// <summary>The checksum of a frame is wrong: find the first entry in it that is, and blame the whole frame.</summary>
    private void FailInside(string path, long at, ReadOnlySpan<byte> payload)
    {
        ScanPayload(path, at + JournalFormat.FrameHeaderSize, payload, []);
        Fail(path, at, Damage is { } inside ? $"its frame was changed: {inside.What}" : "the frame around it was changed");
    }

    private bool Fail(string path, long offset, string what)
    {
        Damage = new JournalDamage(path, offset, Entries, what);
        return false;
    }

    private static bool HasWholeFrame(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var next = bytes.IndexOf(JournalFormat.FrameMagic);
            if (next < 0)
            {
                return false;
            }

            bytes = bytes[next..];
            if (bytes.Length >= JournalFormat.FrameHeaderSize)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
                if (length > 0 && length <= bytes.Length - JournalFormat.FrameHeaderSize
                    && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Crc32C.Of(bytes.Slice(JournalFormat.FrameHeaderSize, length)))
                {
                    return true;
                }
            }

            bytes = bytes[1..];
        }
    }

    /// <summary>Only the last segment may be torn.</summary>
    private void CheckNothingFollowsTear()
    {
        if (TornAt is { } offset && Damage is null)
        {
            var torn = Segments[^1].Path;
            var last = files.List(directory).LastOrDefault(f => f.Name.EndsWith(JournalFormat.SegmentSuffix, StringComparison.Ordinal));
            if (Path.GetFileName(torn) != last.Name)
            {
                Fail(torn, offset, "bytes are missing here, though later segments exist");
            }
        }
    }

    /// <summary>What the head mark says was acknowledged must be there.</summary>
    private void CheckHead((long Entries, byte[] Hash)? mark)
    {
        if (Damage is not null || mark is not { } head)
        {
            return;
        }

        if (head.Entries > Entries)
        {
            var segment = Segments.Count > 0 ? Segments[^1] : (Path: directory, GoodLength: 0);
            Fail(segment.Path, TornAt ?? segment.GoodLength, $"{head.Entries} entries were acknowledged, only {Entries} are whole");
        }
        else if (head.Entries == Entries && !head.Hash.AsSpan().SequenceEqual(_hash))
        {
            Fail(Path.Combine(directory, JournalFormat.HeadName), 8, "the head mark names another last entry");
        }
    }
}

/// <summary>What is wrong with a journal, and where.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">First byte of the damaged entry or frame, or where bytes are missing.</param>
/// <param name="Position">Position of the first entry that is damaged or missing.</param>
/// <param name="What">What is wrong.</param>
public sealed record JournalDamage(string Path, long Offset, long Position, string What);
