using System.Collections.Concurrent;
using Flyball.Model.Samples;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Scraping;

/// <summary>What every scrape loop of the program shares.</summary>
/// <param name="Seed">Moves all targets of this server to other points of their intervals than another server's.</param>
/// <param name="HealthChanged">Called by a loop whose target went up or down.</param>
internal sealed record ScrapeServices(
    ISampleSink Sink, TimeProvider Time, ILogger Logger, ulong Seed, BatchPool Batches, Action<ScrapeLoop> HealthChanged);

/// <summary>Batches are large and a scrape needs one only briefly: a few are enough for all targets.</summary>
internal sealed class BatchPool
{
    private const int MostKept = 8;

    private readonly ConcurrentBag<SampleBatch> _free = [];

    public SampleBatch Rent() => _free.TryTake(out var batch) ? batch : new SampleBatch();

    /// <summary>Gives a batch back. One that is lost to an exception is only garbage.</summary>
    public void Return(SampleBatch batch)
    {
        batch.Clear();
        if (_free.Count < MostKept)
        {
            _free.Add(batch);
        }
    }
}
