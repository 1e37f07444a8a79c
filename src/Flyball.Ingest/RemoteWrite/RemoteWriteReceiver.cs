using System.Collections.Concurrent;
using Flyball.Ingest.Bodies;
using Flyball.Ingest.Scraping;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Stores one remote-write request. Thread-safe. Prometheus remote-write specification.</summary>
internal sealed class RemoteWriteReceiver(ISampleSink sink, TimeProvider time, RemoteWriteOptions options, ILogger logger)
{
    private readonly BatchPool _batches = new();
    private readonly KnownSeries _known = new();
    private readonly ConcurrentBag<Version1Reader> _version1 = [];
    private readonly ConcurrentBag<Version2Reader> _version2 = [];

    /// <summary>Stores a request.</summary>
    /// <param name="compressed">The body as it came: snappy block format.</param>
    public async ValueTask<RemoteWriteAnswer> ReceiveAsync(ReadOnlyMemory<byte> compressed, bool version2, CancellationToken cancellationToken)
    {
        using var request = new BodyBuffer();
        var batch = _batches.Rent();
        WriteRequestReader reader = version2
            ? _version2.TryTake(out var two) ? two : new Version2Reader()
            : _version1.TryTake(out var one) ? one : new Version1Reader(_known);
        try
        {
            Snappy.Decode(compressed.Span, options.MaxRequestBytes, request);
            reader.Read(request.Memory, batch, TimestampMs.Now(time));
            RemoteWriteMetrics.InvalidSeries.Add(reader.SkippedSeries);
            return version2
                ? await StoreWhatFitsAsync(reader, batch, cancellationToken)
                : await StoreAllAsync(reader, batch, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or WireFormatException)
        {
            return new RemoteWriteAnswer(400, e.Message);
        }
        catch (IOException e)
        {
            RemoteWriteLog.SinkFailed(logger, e);
            return new RemoteWriteAnswer(500, e.Message);
        }
        finally
        {
            _batches.Return(batch);
            GiveBack(reader);
        }
    }

    // 1.0 has no way to say what was refused: all or nothing. Series over a limit alone are left out, and 400 rather than 429
    // says so: trying again would not help, and the rest is stored.
    private async ValueTask<RemoteWriteAnswer> StoreAllAsync(WriteRequestReader reader, SampleBatch batch, CancellationToken cancellationToken)
    {
        if (reader.Problems.Count > 0)
        {
            return new RemoteWriteAnswer(400, reader.Problems[0]);
        }

        var report = await sink.AppendAsync(batch, AppendMode.AllOrNothing, cancellationToken);
        reader.Stored(batch);
        if (report.Rejected.Count == 0)
        {
            RemoteWriteMetrics.Samples.Add(batch.SampleCount);
            return new RemoteWriteAnswer(204, "");
        }

        RemoteWriteMetrics.Samples.Add(report.Stored);
        Count(report.Rejected);
        return new RemoteWriteAnswer(400, Describe(report.Rejected[0], batch));
    }

    private async ValueTask<RemoteWriteAnswer> StoreWhatFitsAsync(WriteRequestReader reader, SampleBatch batch, CancellationToken cancellationToken)
    {
        var report = await sink.AppendAsync(batch, AppendMode.StoreWhatFits, cancellationToken);
        RemoteWriteMetrics.Samples.Add(report.Stored);
        Count(report.Rejected);
        var histograms = reader.Histograms;
        foreach (var rejected in report.Rejected)
        {
            histograms -= batch.Histograms.IsEmpty || batch.Histograms[rejected.SampleIndex] is null ? 0 : 1;
        }

        const int MostTold = 20;
        var problems = reader.Problems.Concat(report.Rejected.Take(MostTold).Select(r => Describe(r, batch))).ToList();
        var samples = batch.SampleCount - report.Rejected.Count - histograms;
        return new RemoteWriteAnswer(problems.Count == 0 ? 204 : 400, string.Join('\n', problems))
        {
            Samples = samples,
            Histograms = histograms,
            Exemplars = batch.Exemplars.Count,
        };
    }

    private static string Describe(RejectedSample rejected, SampleBatch batch) =>
        $"{rejected.Detail ?? TextOf(rejected.Outcome)} for series {batch.Labels(batch.SampleSeries[rejected.SampleIndex])}";

    private static string TextOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.DuplicateTimestamp => "duplicate sample for timestamp",
        AppendOutcome.OutOfOrder => "out of order sample",
        AppendOutcome.TooOld => "too old sample",
        AppendOutcome.OutOfBounds => "out of bounds",
        AppendOutcome.SeriesLimitReached => "series limit reached",
        _ => "invalid sample",
    };

    private static void Count(IReadOnlyList<RejectedSample> rejected)
    {
        foreach (var group in rejected.GroupBy(r => r.Outcome))
        {
            RemoteWriteMetrics.Refused.Add(group.Count(), new KeyValuePair<string, object?>("reason", TextOf(group.Key)));
        }
    }

    private void GiveBack(WriteRequestReader reader)
    {
        const int MostKept = 8;
        reader.Release();
        if (reader is Version2Reader two && _version2.Count < MostKept)
        {
            _version2.Add(two);
        }
        else if (reader is Version1Reader one && _version1.Count < MostKept)
        {
            _version1.Add(one);
        }
    }
}

/// <summary>What a sender is told.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Text">Why, or "".</param>
internal sealed record RemoteWriteAnswer(int Status, string Text)
{
    /// <summary>Float samples stored.</summary>
    public int Samples { get; init; }

    /// <summary>Histograms stored.</summary>
    public int Histograms { get; init; }

    /// <summary>Exemplars stored.</summary>
    public int Exemplars { get; init; }
}
