using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Server.Wiring;

/// <summary>Stands before the metrics store: what has been stored is told to whoever reacts to it.</summary>
/// <param name="arrived">Told of a stored batch and when it came; must be quick and keep nothing of the batch.</param>
internal sealed class ArrivingSamples(ISampleSink store, Action<SampleBatch, TimestampNs> arrived, TimeProvider time) : ISampleSink
{
    public async ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        var at = TimestampNs.Now(time);
        var report = await store.AppendAsync(batch, mode, cancellationToken);
        if (report.Stored > 0)
        {
            arrived(batch, at);
        }

        return report;
    }
}
