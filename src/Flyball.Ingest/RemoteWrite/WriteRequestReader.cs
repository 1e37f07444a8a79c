using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Turns a decompressed request into a batch, straight from its bytes: a series the store knows needs no object.</summary>
/// <remarks>One request at a time; reusable.</remarks>
internal abstract class WriteRequestReader
{
    // A sample further ahead than this is a mistake of its sender. Prometheus remote-write specification.
    private static readonly DurationMs FurthestAhead = DurationMs.FromSeconds(600);

    private long _latestMs;

    /// <summary>What was refused here already, before the store saw it.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Histograms in the batch.</summary>
    public int Histograms { get; protected set; }

    /// <summary>Series that were left out because of their labels.</summary>
    public int SkippedSeries { get; protected set; }

    private protected SeriesLabels Labels { get; } = new();

    /// <summary>Fills a batch.</summary>
    /// <exception cref="Model.Wire.WireFormatException">The bytes are no such request.</exception>
    public void Read(ReadOnlyMemory<byte> request, SampleBatch batch, TimestampMs now)
    {
        Problems.Clear();
        Histograms = 0;
        SkippedSeries = 0;
        _latestMs = (now + FurthestAhead).Value;
        ReadRequest(request, batch);
    }

    /// <summary>The store has taken the batch and noted its handles in it.</summary>
    public virtual void Stored(SampleBatch batch)
    {
    }

    /// <summary>Lets go of the request's bytes; labels of the batch that nobody has asked for yet are gone.</summary>
    public virtual void Release()
    {
    }

    /// <summary>The series that is being read, for a message.</summary>
    private protected virtual string DescribeSeries() => Labels.ToString();

    private protected abstract void ReadRequest(ReadOnlyMemory<byte> request, SampleBatch batch);

    /// <summary>Notes a refusal. Only the first few are worth telling: a sender with one defect repeats it.</summary>
    private protected void Refuse(string problem)
    {
        const int MostTold = 20;
        if (Problems.Count < MostTold)
        {
            Problems.Add(problem);
        }
    }

    private protected bool IsTooFarAhead(long timestampMs)
    {
        if (timestampMs <= _latestMs)
        {
            return false;
        }

        Refuse($"out of bounds for series {DescribeSeries()}");
        return true;
    }

    private protected void AddHistogram(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        var read = HistogramMessage.Read(message);
        if (read.Problem is not null)
        {
            Refuse($"{read.Problem} for series {DescribeSeries()}");
        }
        else if (!IsTooFarAhead(read.TimestampMs))
        {
            batch.AddHistogram(series, new TimestampMs(read.TimestampMs), read.Histogram!, new TimestampMs(read.StartTimestampMs));
            Histograms++;
        }
    }

    private protected static MetricType TypeOf(ulong number) => number switch
    {
        1 => MetricType.Counter,
        2 => MetricType.Gauge,
        3 => MetricType.Histogram,
        4 => MetricType.GaugeHistogram,
        5 => MetricType.Summary,
        6 => MetricType.Info,
        7 => MetricType.StateSet,
        _ => MetricType.Unknown,
    };
}
