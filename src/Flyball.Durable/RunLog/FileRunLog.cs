using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Runs;
using Flyball.Model.Wire;
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
/// A record of type 2 holds the facts that came together (<see cref="RunFactFields"/>), one of type 1 a single fact as UTF-8 JSON, as
/// earlier versions wrote it. Frames, checksums and torn ends are those of docs/formats/wal.md, the rest is in docs/formats/run-log.md.
/// Unknown members are skipped, so that an older program reads a newer log. Safe from many threads.
/// </remarks>
public sealed class FileRunLog : IRunLog, IAsyncDisposable
{
    private const byte JsonRecord = 1;
    private const byte FactsRecord = 2;

    // A record is read back whole: this bounds it, unless one fact alone is larger.
    private const int MostBytes = 256 << 10;
    private const int MostIdleWriters = 4;

    private readonly ConcurrentBag<RunFactWriter> _writers = [];
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
        if (facts.Count == 0)
        {
            return;
        }

        // A cancelled sender has not been answered, so that it may be in the log all the same does no harm: facts are idempotent.
        cancellationToken.ThrowIfCancellationRequested();
        await _wal.DurableAsync(Append(facts), cancellationToken);
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
                if (record.Type is JsonRecord or FactsRecord)
                {
                    facts.AddRange(Decode(record) ?? []);
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
                Keep(record, isKeptElsewhere);
            },
            cancellationToken);
        await _wal.SyncAsync(cancellationToken);
        _wal.DeleteBefore(boundary);
    }

    /// <summary>Syncs and closes the log.</summary>
    public ValueTask DisposeAsync() => _wal.DisposeAsync();

    private LogPosition Append(IReadOnlyList<RunFact> facts)
    {
        var writer = _writers.TryTake(out var idle) ? idle : new RunFactWriter();
        try
        {
            writer.Clear();
            var end = default(LogPosition);
            for (var i = 0; i < facts.Count; i++)
            {
                writer.Add(facts[i]);
                if (writer.Length > MostBytes || i == facts.Count - 1)
                {
                    end = _wal.Append(FactsRecord, writer.Finish());
                    writer.Clear();
                }
            }

            return end;
        }
        finally
        {
            if (_writers.Count < MostIdleWriters)
            {
                _writers.Add(writer);
            }
        }
    }

    // Of a record some of whose runs are kept elsewhere the others' facts are written anew; what cannot be read stays as it is.
    private void Keep(LogRecord record, Func<RunKey, bool> isKeptElsewhere)
    {
        var runs = RunsOf(record);
        var gone = runs.Count(isKeptElsewhere);
        if (gone == 0 || runs.Count == 0)
        {
            _wal.Append(record.Type, record.Payload);
        }
        else if (gone < runs.Count && Decode(record) is { } facts)
        {
            Append([.. facts.Where(f => !isKeptElsewhere(f.Run))]);
        }
    }

    private static IReadOnlyList<RunKey> RunsOf(LogRecord record)
    {
        try
        {
            return record.Type switch
            {
                FactsRecord => RunFactReader.RunsOf(record.Payload),
                JsonRecord => RunOf(record.Payload) is { } run ? [run] : [],
                _ => [],
            };
        }
        catch (Exception e) when (e is JsonException or WireFormatException)
        {
            return [];
        }
    }

    // Facts are written with their run in front: most of a checkpoint is deciding, and that needs no more.
    private static RunKey? RunOf(ReadOnlySpan<byte> payload)
    {
        var json = new Utf8JsonReader(payload);
        return json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("run"u8) && json.Read()
            ? JsonSerializer.Deserialize(ref json, RunFactJson.Default.RunKey)
            : JsonSerializer.Deserialize(payload, RunFactJson.Default.RunFact)?.Run;
    }

    private List<RunFact>? Decode(LogRecord record)
    {
        try
        {
            return record.Type == FactsRecord
                ? RunFactReader.Read(record.Payload)
                : JsonSerializer.Deserialize(record.Payload, RunFactJson.Default.RunFact) is { } fact ? [fact] : null;
        }
        catch (Exception e) when (e is JsonException or WireFormatException)
        {
            // The bytes are as they were written (the log checks that): a later version wrote what this one cannot read.
            RunLogLog.FactSkipped(_log, record.Position.Segment, record.Position.Offset, e);
            return null;
        }
    }
}
