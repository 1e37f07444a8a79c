using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Traces.Segments;

/// <summary>The segments of a store: opens, replaces and deletes them. Thread-safe; readers get held snapshots.</summary>
internal sealed class SegmentSet : IDisposable
{
    private const string AsideSuffix = ".damaged";

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly StringBlockCache _cache;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Segment[] _segments = [];
    private long _lastNumber;

    public SegmentSet(IFileSystem files, string directory, long cacheBytes, ILogger logger)
    {
        _files = files;
        _directory = directory;
        _cache = new StringBlockCache(cacheBytes);
        _logger = logger;
    }

    /// <summary>Segments that could not be opened or were set aside, since whenever.</summary>
    public int Damaged { get; private set; }

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => Current.Sum(s => s.Length);

    /// <summary>Spans of all segments; duplicates across segments count more than once.</summary>
    public long Spans => Current.Sum(s => (long)s.Footer.Spans);

    /// <summary>The segments as they are now, not held: for figures and choices, not for reading.</summary>
    public Segment[] Current => Volatile.Read(ref _segments);

    /// <summary>Opens what is there, and clears away what crashes left.</summary>
    public void Open()
    {
        AtomicPublish.CreateDirectory(_files, _directory);
        AtomicPublish.DeleteLeftovers(_files, _directory);
        var opened = new List<Segment>();
        foreach (var entry in _files.List(_directory))
        {
            if (SegmentFormat.TryParseFileName(entry.Name, out var number))
            {
                _lastNumber = Math.Max(_lastNumber, number);
                TryOpen(Path.Combine(_directory, entry.Name), number, opened);
            }
            else if (entry.Name.EndsWith(AsideSuffix, StringComparison.Ordinal) && SegmentFormat.TryParseFileName(entry.Name[..^AsideSuffix.Length], out number))
            {
                _lastNumber = Math.Max(_lastNumber, number);
                Damaged++;
            }
        }

        // A crash between publishing a merged segment and deleting its inputs leaves both.
        var replaced = opened.SelectMany(s => s.Footer.Replaces).ToHashSet();
        foreach (var segment in opened.Where(s => replaced.Contains(s.Number)))
        {
            segment.Release();
            _files.Delete(segment.Path);
        }

        _segments = [.. opened.Where(s => !replaced.Contains(s.Number))];
    }

    /// <summary>The segments, each held; release them all.</summary>
    public Segment[] Hold()
    {
        while (true)
        {
            var held = new List<Segment>();
            var current = Current;
            foreach (var segment in current)
            {
                if (segment.TryHold())
                {
                    held.Add(segment);
                }
            }

            if (held.Count == current.Length)
            {
                return [.. held];
            }

            // One went away between the look and the hold: the list has changed, look again.
            held.ForEach(s => s.Release());
        }
    }

    /// <summary>Writes a segment and makes it visible in place of those it replaces.</summary>
    /// <param name="gate">Taken around the moment in which the segment appears, before this set's own.</param>
    /// <param name="appeared">Runs in that moment: what the segment replaces in memory goes away.</param>
    /// <param name="thinned">What the segment notes about traces that left it.</param>
    public Segment Publish(
        IReadOnlyList<MergeInput> inputs,
        Segment[] replaced,
        int quality,
        Lock gate,
        Action? appeared,
        CancellationToken cancellationToken,
        Thinned? thinned = null)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var path = Path.Combine(_directory, SegmentFormat.FileName(number));
        SegmentWriter.Write(_files, path, inputs, [.. replaced.Select(s => s.Number)], quality, cancellationToken, thinned);
        var segment = OpenWritten(path, number);
        Segment[] gone;
        lock (gate)
        {
            lock (_gate)
            {
                gone = [.. _segments.Intersect(replaced)];
                _segments = [.. _segments.Except(replaced), segment];
            }

            appeared?.Invoke();
        }

        Delete(gone);
        return segment;
    }

    /// <summary>Takes segments out and deletes their files; queries that hold them go on.</summary>
    public void Remove(Segment[] unwanted)
    {
        Segment[] gone;
        lock (_gate)
        {
            gone = [.. _segments.Intersect(unwanted)];
            _segments = [.. _segments.Except(gone)];
        }

        Delete(gone);
    }

    /// <summary>Takes a segment that turned out to be damaged out of use; its file stays, under another name, for whoever wants to look.</summary>
    /// <returns>Whether the file is a segment of this set: then what failed can be tried again without it.</returns>
    public bool SetAside(DamagedFileException damage)
    {
        if (Path.GetDirectoryName(damage.Path) != _directory)
        {
            return false;
        }

        Segment? damaged;
        lock (_gate)
        {
            damaged = Array.Find(_segments, s => s.Path == damage.Path);
            if (damaged is null)
            {
                // Somebody else met the damage first.
                return true;
            }

            _segments = [.. _segments.Where(s => s != damaged)];
            Damaged++;
        }

        StoreLog.DamagedSegment(_logger, damage.Path, damage);
        GiveOtherName(damage.Path);
        damaged.Release();
        return true;
    }

    public void Dispose()
    {
        foreach (var segment in Current)
        {
            segment.Release();
        }

        _segments = [];
    }

    private void Delete(Segment[] gone)
    {
        foreach (var segment in gone)
        {
            _files.Delete(segment.Path);
            segment.Release();
        }

        if (gone.Length > 0)
        {
            _files.SyncDirectory(_directory);
        }
    }

    private void GiveOtherName(string path)
    {
        try
        {
            _files.Rename(path, path + AsideSuffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Out of use all the same, until the next start opens it and somebody meets the damage again.
            StoreLog.DamagedSegmentKeepsName(_logger, path, e);
        }
    }

    // Damage here is the disk's at this moment and no reason to set anything aside: what went in is still there.
    private Segment OpenWritten(string path, long number)
    {
        try
        {
            return Segment.Open(_files, path, number, _cache);
        }
        catch (DamagedFileException e)
        {
            _files.Delete(path);
            throw new IOException("a segment that was just written does not read back as it should", e);
        }
    }

    private void TryOpen(string path, long number, List<Segment> opened)
    {
        try
        {
            opened.Add(Segment.Open(_files, path, number, _cache));
        }
        catch (DamagedFileException e)
        {
            Damaged++;
            StoreLog.DamagedSegment(_logger, path, e);
        }
    }
}
