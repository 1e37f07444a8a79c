using Flyball.Durable.Files;

namespace Flyball.Durable.Journal;

/// <summary>Puts frames at the end of the last segment, and knows what is certainly on disk.</summary>
/// <remarks>
/// 1. After a failure: open the segment anew and cut it behind the last good frame. 2. Begin a segment when the last is full.
/// 3. Write the frame, fsync. 4. Tell the index. 5. Write the head mark, without fsync: it may be behind, never ahead.
/// One thread at a time; <see cref="FileJournal"/> sees to that.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly JournalIndex _index;
    private readonly Lock _gate = new();
    private IFile? _segment;
    private IFile? _head;
    private string? _path;
    private long _length;
    private bool _disposed;

    public JournalWriter(IFileSystem files, string directory, long segmentBytes, JournalIndex index, JournalRecovery recovery)
    {
        _files = files;
        _directory = directory;
        _segmentBytes = Math.Clamp(segmentBytes, 4 << 10, 1 << 30);
        _index = index;
        _path = recovery.LastSegment;
        _length = recovery.LastLength;
        Entries = recovery.Entries;
        Hash = recovery.Hash;
    }

    /// <summary>Entries that are certainly on disk.</summary>
    public long Entries { get; private set; }

    /// <summary>Hash of the last of them.</summary>
    public byte[] Hash { get; private set; }

    /// <summary>Makes entries durable, all or none.</summary>
    /// <exception cref="IOException">None is in the journal.</exception>
    public void Append(IReadOnlyList<byte[]> entries, byte[] lastHash)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                OpenSegment();
                var frame = BuildFrame(entries, out var offsets);
                _segment!.Write(_length, frame);
                _segment.Sync();
                _index.AddEntries(offsets);
                _length += frame.Length;
                Entries += entries.Count;
                Hash = lastHash;
            }
            catch
            {
                // After a failed write or fsync nothing is known about this handle: the next append opens the file anew.
                Close(ref _segment);
                throw;
            }

            WriteHead();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Close(ref _segment);
            Close(ref _head);
        }
    }

    private void OpenSegment()
    {
        if (_path is not null && _length >= _segmentBytes)
        {
            Close(ref _segment);
            _path = null;
        }

        if (_path is null)
        {
            Begin(Path.Combine(_directory, JournalFormat.SegmentName(Entries)));
        }
        else if (_segment is null)
        {
            _segment = _files.Open(_path, OpenMode.ReadWrite);
            if (_segment.Length != _length)
            {
                _segment.SetLength(_length);
                _segment.Sync();
            }
        }
    }

    private void Begin(string path)
    {
        _segment = _files.Open(path, OpenMode.Truncate);
        _segment.Write(0, JournalFormat.Header(Entries, Hash));
        _segment.Sync();
        _files.SyncDirectory(_directory);
        _path = path;
        _length = JournalFormat.HeaderSize;
        _index.AddSegment(path);
    }

    private byte[] BuildFrame(IReadOnlyList<byte[]> entries, out long[] offsets)
    {
        var frame = new byte[JournalFormat.FrameHeaderSize + entries.Sum(e => e.Length)];
        offsets = new long[entries.Count];
        var at = JournalFormat.FrameHeaderSize;
        for (var i = 0; i < entries.Count; i++)
        {
            offsets[i] = _length + at;
            entries[i].CopyTo(frame, at);
            at += entries[i].Length;
        }

        JournalFormat.WriteFrameHeader(frame);
        return frame;
    }

    private void WriteHead()
    {
        try
        {
            _head ??= _files.Open(Path.Combine(_directory, JournalFormat.HeadName), OpenMode.ReadWrite);
            _head.Write(0, JournalFormat.Head(Entries, Hash));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The entries are durable; only the mark that would prove a cut-off tail is behind. The next append writes it again.
            Close(ref _head);
        }
    }

    private static void Close(ref IFile? file)
    {
        file?.Dispose();
        file = null;
    }
}
