using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Durable.Log;

/// <summary>Reads a log back, segment by segment, around whatever damage there is.</summary>
/// <remarks>
/// A bad record with nothing readable behind it, at the end of the last segment, is an unfinished write: cut off.
/// Any other is damage: named, skipped up to the next readable record.
/// </remarks>
internal sealed class LogReplay(IFileSystem files, string directory, ILogger logger)
{
    private readonly List<LogDamage> _damages = [];
    private long _records;
    private long _done;
    private long _total;
    private long _torn;
    private long _first;
    private long _last;
    private long _segment;
    private LogPosition _from;

    public ReplayProgress Progress => new(Math.Max(0, Interlocked.Read(ref _done)), Interlocked.Read(ref _total))
    {
        FirstSegment = Interlocked.Read(ref _first),
        LastSegment = Interlocked.Read(ref _last),
        Segment = Interlocked.Read(ref _segment),
    };

    /// <summary>Hands out the records of some segments.</summary>
    /// <param name="from">Records before it are passed over unread.</param>
    public ReplayReport Run(IReadOnlyList<long> segments, LogPosition from, LogRecordHandler handler, CancellationToken cancellationToken)
    {
        _from = from;
        var passedOver = segments.Contains(from.Segment) ? Math.Min(from.Offset, files.Length(PathOf(from.Segment))) : 0;
        Interlocked.Exchange(ref _total, segments.Sum(s => files.Length(PathOf(s))) - passedOver);
        Interlocked.Exchange(ref _done, -passedOver);
        Interlocked.Exchange(ref _first, segments.Count == 0 ? 0 : segments[0]);
        Interlocked.Exchange(ref _last, segments.Count == 0 ? 0 : segments[^1]);
        for (var i = 0; i < segments.Count; i++)
        {
            Interlocked.Exchange(ref _segment, segments[i]);
            ReadSegment(segments[i], isLast: i == segments.Count - 1, handler, cancellationToken);
        }

        return new ReplayReport(_records, _done, _torn, _damages);
    }

    private string PathOf(long segment) => Path.Combine(directory, LogFormat.FileName(segment));

    private void ReadSegment(long segment, bool isLast, LogRecordHandler handler, CancellationToken cancellationToken)
    {
        var path = PathOf(segment);
        long readable;
        using (var map = files.Map(path))
        {
            var file = map.Slice(0, checked((int)map.Length));
            readable = ReadRecords(file, path, segment, isLast, handler, cancellationToken);
            _torn += file.Length - readable;
        }

        var torn = files.Length(path) - readable;
        if (torn > 0)
        {
            LogLog.TornTail(logger, path, torn);
            CutOff(path, readable);
        }
    }

    // Returns how much of the file is worth keeping.
    private int ReadRecords(
        ReadOnlySpan<byte> file, string path, long segment, bool isLast, LogRecordHandler handler, CancellationToken cancellationToken)
    {
        var start = Interlocked.Read(ref _done);
        var at = LogFormat.FileHeaderSize;
        if (!LogFormat.IsSegment(file, path))
        {
            var first = LogFormat.FindRecord(file, 0);
            if (first < 0 && isLast)
            {
                return 0;
            }

            at = first < 0 ? file.Length : first;
            Report(path, 0, at, "the file does not begin as a log segment");
        }

        if (segment == _from.Segment)
        {
            at = (int)Math.Clamp(_from.Offset, at, file.Length);
        }

        while (at < file.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (LogFormat.TryReadRecord(file[at..], out var type, out var payload))
            {
                handler(new LogRecord(type, new LogPosition(segment, at), payload));
                _records++;
                at += LogFormat.RecordHeaderSize + payload.Length;
                Interlocked.Exchange(ref _done, start + at);
                continue;
            }

            var next = LogFormat.FindRecord(file, at + 1);
            if (next < 0 && isLast)
            {
                break;
            }

            next = next < 0 ? file.Length : next;
            Report(path, at, next - at, "the checksum of a record does not match");
            at = next;
        }

        Interlocked.Exchange(ref _done, start + file.Length);
        return at;
    }

    private void Report(string path, long offset, long length, string problem)
    {
        LogLog.Damaged(logger, path, offset, length, problem);
        _damages.Add(new LogDamage(path, offset, length, problem));
    }

    private void CutOff(string path, long length)
    {
        try
        {
            if (length == 0)
            {
                files.Delete(path);
                return;
            }

            using var file = files.Open(path, OpenMode.ReadWrite);
            file.SetLength(length);
            file.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that is read-only now keeps its torn tail; it is cut off again, or reported as damage, next time.
            LogLog.WriteFailed(logger, directory, e);
        }
    }
}
