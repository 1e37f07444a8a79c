using System.Runtime.CompilerServices;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Durable.RunLog;

/// <summary>How a run log is kept.</summary>
public sealed record RunLogOptions
{
    /// <summary>The folder; created when missing. Nobody else may write to it.</summary>
    public required string Directory { get; init; }

    /// <summary>A segment is closed at this many bytes.</summary>
    public long SegmentBytes { get; init; } = 16L << 20;
}

/// <summary>Facts about runs in a write-ahead log: acknowledged when they are synced.</summary>
/// <remarks>
/// A record holds one fact as UTF-8 JSON; record type 1. Frames, checksums and torn ends are those of docs/formats/wal.md,
/// the JSON is in docs/formats/run-log.md. Unknown members are skipped, so that an older program reads a newer log. Safe from many threads.
/// </remarks>
public sealed class FileRunLog : IRunLog, IAsyncDisposable
{
    private const byte FactRecord = 1;

    private readonly WriteAheadLog _wal;
    private readonly ILogger _log;
    private bool _read;

    private FileRunLog(WriteAheadLog wal, ILogger log)
    {
        _wal = wal;
        _log = log;
    }

    /// <summary>Opens the log of a folder, creating it if there is none.</summary>
    /// <exception cref="IOException">The folder cannot be read or created.</exception>
    public static FileRunLog Open(IFileSystem files, RunLogOptions options, TimeProvider time, ILogger? log) =>
        new(
            WriteAheadLog.Open(
                new WriteAheadLogOptions { Directory = options.Directory, Sync = WalSync.Always, SegmentBytes = options.SegmentBytes },
                files, time, log ?? NullLogger.Instance),
            log ?? NullLogger.Instance);

    /// <inheritdoc />
    public async ValueTask AppendAsync(IReadOnlyList<RunFact> facts, CancellationToken cancellationToken)
    {
        // A cancelled sender has not been answered, so that it may be in the log all the same does no harm: facts are idempotent.
        var end = default(LogPosition);
        foreach (var fact in facts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            end = _wal.Append(FactRecord, JsonSerializer.SerializeToUtf8Bytes(fact, RunFactJson.Default.RunFact));
        }

        if (facts.Count > 0)
        {
            await _wal.DurableAsync(end, cancellationToken);
        }
    }

    /// <inheritdoc />
    /// <remarks>Once, before the first append.</remarks>
    public async IAsyncEnumerable<RunFact> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_read)
        {
            throw new InvalidOperationException("a run log is read once, at start");
        }

        _read = true;
        await Task.CompletedTask;
        var facts = new List<RunFact>();
        _wal.Replay(
            record =>
            {
                if (record.Type == FactRecord && Decode(record) is { } fact)
                {
                    facts.Add(fact);
                }
            },
            cancellationToken);
        foreach (var fact in facts)
        {
            yield return fact;
        }
    }

    /// <inheritdoc />
    /// <remarks>A checkpoint: facts that are still needed are written once more, then the segments they stood in are deleted.
    /// A crash in between leaves some of them twice, which changes no run. Only one call at a time.</remarks>
    public async ValueTask ForgetAsync(Func<RunKey, bool> isKeptElsewhere, CancellationToken cancellationToken)
    {
        var boundary = _wal.Cut();
        _wal.ReadBefore(
            boundary,
            record =>
            {
                if (record.Type != FactRecord || RunOf(record) is not { } run || !isKeptElsewhere(run))
                {
                    _wal.Append(record.Type, record.Payload);
                }
            },
            cancellationToken);
        await _wal.SyncAsync(cancellationToken);
        _wal.DeleteBefore(boundary);
    }

    /// <summary>Syncs and closes the log.</summary>
    public ValueTask DisposeAsync() => _wal.DisposeAsync();

    // Facts are written with their run in front: most of a checkpoint is deciding, and that needs no more.
    private RunKey? RunOf(LogRecord record)
    {
        var json = new Utf8JsonReader(record.Payload);
        try
        {
            return json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("run"u8) && json.Read()
                ? JsonSerializer.Deserialize(ref json, RunFactJson.Default.RunKey)
                : Decode(record)?.Run;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private RunFact? Decode(LogRecord record)
    {
        try
        {
            return JsonSerializer.Deserialize(record.Payload, RunFactJson.Default.RunFact);
        }
        catch (JsonException e)
        {
            // The bytes are as they were written (the log checks that): a later version wrote what this one cannot read.
            RunLogLog.FactSkipped(_log, record.Position.Segment, record.Position.Offset, e);
            return null;
        }
    }
}
