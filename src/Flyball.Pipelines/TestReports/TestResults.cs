using System.IO.Compression;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.TestReports;

/// <summary>How results of tests are kept.</summary>
public sealed record TestResultsOptions
{
    /// <summary>The folder; created when missing. Nobody else may write to it.</summary>
    public required string Directory { get; init; }

    /// <summary>Executions kept; beyond that the oldest reports go. About 40 bytes of memory each.</summary>
    public int MostExecutions { get; init; } = 3_000_000;

    /// <summary>Reports older than this go; <see cref="TimeSpan.Zero"/> = kept until there are too many.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(90);
}

/// <summary>Every execution of every test: durable in a log of reports, in memory as a few numbers each.</summary>
/// <remarks>
/// The log holds one report a record (type 1: Brotli of JSON), in frames of docs/formats/wal.md; segments go when all their reports have.
/// Texts of failures stay in memory, those of passed tests are in the log only. Safe from many threads.
/// </remarks>
public sealed class TestResults : IAsyncDisposable
{
    private const byte ReportRecord = 1;

    private readonly TestResultsOptions _options;
    private readonly WriteAheadLog _wal;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<TestIdentity, TestIdentity> _tests = [];
    private readonly Queue<(long Segment, StoredReport Report)> _stored = [];
    private StoredReport[]? _snapshot;
    private long _executions;

    private TestResults(TestResultsOptions options, WriteAheadLog wal, TimeProvider time)
    {
        _options = options;
        _wal = wal;
        _time = time;
    }

    /// <summary>Executions kept.</summary>
    public long Executions => Interlocked.Read(ref _executions);

    /// <summary>Opens the results of a folder and reads them.</summary>
    /// <exception cref="IOException">The folder cannot be read or created.</exception>
    public static TestResults Open(TestResultsOptions options, IFileSystem files, TimeProvider time, ILogger<TestResults>? log)
    {
        var logger = (ILogger?)log ?? NullLogger.Instance;
        var wal = WriteAheadLog.Open(
            new WriteAheadLogOptions { Directory = options.Directory, Sync = WalSync.Always, SegmentBytes = 8 << 20 }, files, time, logger);
        var results = new TestResults(options, wal, time);
        wal.Replay(
            record =>
            {
                if (record.Type == ReportRecord && Decode(record.Payload) is { } report)
                {
                    results.Keep(record.Position.Segment, report);
                }
                else
                {
                    TestReportsLog.Skipped(logger, record.Position.Segment, record.Position.Offset);
                }
            },
            CancellationToken.None);
        results.Retire();
        return results;
    }

    /// <summary>Keeps a report.</summary>
    /// <returns>Completes when it is durable.</returns>
    /// <exception cref="IOException">It could not be written; nothing changed.</exception>
    public async ValueTask AddAsync(TestReport report, CancellationToken cancellationToken)
    {
        var position = await _wal.AppendAsync(ReportRecord, Encode(report), cancellationToken);
        Keep(position.Segment, report);
        Retire();
    }

    /// <summary>What is known of each test, from the reports that are wanted.</summary>
    public IReadOnlyList<TestHistory> Histories(Func<TestReport, bool> isWanted, CancellationToken cancellationToken)
    {
        var histories = new Dictionary<TestIdentity, TestHistory>(ReferenceEqualityComparer.Instance);
        foreach (var stored in Reports().Where(r => isWanted(r.Report)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var execution in stored.Executions)
            {
                if (!histories.TryGetValue(execution.Test, out var history))
                {
                    histories[execution.Test] = history = new TestHistory(execution.Test);
                }

                history.Add(stored.Report.Commit, execution.Result, execution.Seconds, execution.Message);
            }
        }

        return [.. histories.Values];
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _wal.DisposeAsync();

    /// <summary>All reports, oldest first; the array never changes.</summary>
    internal StoredReport[] Reports()
    {
        lock (_gate)
        {
            return _snapshot ??= [.. _stored.Select(s => s.Report)];
        }
    }

    private static byte[] Encode(TestReport report)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(report, TestReportJson.Default.TestReport);
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(json);
        }

        return packed.ToArray();
    }

    private static TestReport? Decode(ReadOnlySpan<byte> packed)
    {
        try
        {
            using var source = new MemoryStream(packed.ToArray());
            using var brotli = new BrotliStream(source, CompressionMode.Decompress);
            return JsonSerializer.Deserialize(brotli, TestReportJson.Default.TestReport);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Keep(long segment, TestReport report)
    {
        lock (_gate)
        {
            var executions = new Execution[report.Cases.Count];
            for (var i = 0; i < executions.Length; i++)
            {
                var (test, result, seconds, message, _) = report.Cases[i];
                if (!_tests.TryGetValue(test, out var known))
                {
                    _tests[test] = known = test;
                }

                executions[i] = new Execution(known, (float)seconds, result, result is TestVerdict.Passed ? "" : message);
            }

            _stored.Enqueue((segment, new StoredReport(report with { Cases = [] }, executions)));
            _executions += executions.Length;
            _snapshot = null;
        }
    }

    private void Retire()
    {
        long before;
        lock (_gate)
        {
            var oldest = _options.KeepFor == TimeSpan.Zero ? 0 : TimestampNs.From(_time.GetUtcNow() - _options.KeepFor).Value;
            while (_stored.TryPeek(out var first) && (_executions > _options.MostExecutions || first.Report.Report.At.Value < oldest))
            {
                _stored.Dequeue();
                _executions -= first.Report.Executions.Length;
                _snapshot = null;
            }

            before = _stored.TryPeek(out var next) ? next.Segment : _wal.CurrentSegment;
        }

        _wal.DeleteBefore(before);
    }
}

/// <summary>A report in memory: without its cases, which are executions now.</summary>
internal sealed record StoredReport(TestReport Report, Execution[] Executions);

/// <summary>One execution in memory. Tests are shared: the same test is the same object.</summary>
internal readonly record struct Execution(TestIdentity Test, float Seconds, TestVerdict Result, string Message);
