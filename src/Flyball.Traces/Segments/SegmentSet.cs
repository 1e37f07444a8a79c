using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Traces.Segments;

/// <summary>The segments of a store: opens, replaces and deletes them. Thread-safe; readers get held snapshots.</summary>
internal sealed class SegmentSet : IDisposable
{
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

    /// <summary>Segments that could not be opened.</summary>
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
        var segment = Segment.Open(_files, path, number, _cache);
        lock (gate)
        {
            lock (_gate)
            {
                _segments = [.. _segments.Except(replaced), segment];
            }

            appeared?.Invoke();
        }

        Delete(replaced);
        return segment;
    }

    /// <summary>Takes segments out and deletes their files; queries that hold them go on.</summary>
    public void Remove(Segment[] gone)
    {
        lock (_gate)
        {
            _segments = [.. _segments.Except(gone)];
        }

        Delete(gone);
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
