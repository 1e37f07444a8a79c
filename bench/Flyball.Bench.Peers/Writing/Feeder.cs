using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Writing;

/// <summary>What sending cost.</summary>
/// <param name="Cpu">Of the receiver.</param>
internal sealed record FeedFigures(long Samples, TimeSpan Wall, TimeSpan Cpu)
{
    public double SamplesPerCpuSecond => Samples / Cpu.TotalSeconds;

    public double CpuNanosecondsPerSample => Cpu.TotalNanoseconds / Samples;

    public static FeedFigures operator -(FeedFigures all, FeedFigures part) => new(all.Samples - part.Samples, all.Wall - part.Wall, all.Cpu - part.Cpu);
}

/// <summary>Sends the requests of a dataset as fast as the receiver takes them, one connection per sender.</summary>
internal sealed class Feeder(Dataset dataset)
{
    /// <summary>Sends a range of requests; all have been acknowledged when it returns.</summary>
    public async Task<FeedFigures> FeedAsync(Peer peer, int from, int until, CancellationToken cancellationToken)
    {
        var cpu = peer.Cpu();
        var watch = Stopwatch.StartNew();
        long samples = 0;
        while (from < until)
        {
            var end = EndOfStretch(from, until);
            var stretch = dataset.Requests.Skip(from).Take(end - from).ToLookup(r => r.Sender);
            await Task.WhenAll(stretch.Select(sender => Task.Run(() => SendAsync(peer, sender, cancellationToken), cancellationToken)));
            samples += stretch.Sum(s => s.Sum(r => (long)r.Samples));
            from = end;
        }

        return new FeedFigures(samples, watch.Elapsed, peer.Cpu() - cpu);
    }

    // The writer ends requests at the stretches, so a request belongs to one.
    private int EndOfStretch(int from, int until)
    {
        var limit = dataset.Requests[from].NewestMs + (long)DatasetWriter.Stretch.TotalMilliseconds;
        var end = from + 1;
        while (end < until && dataset.Requests[end].NewestMs < limit)
        {
            end++;
        }

        return end;
    }

    private async Task SendAsync(Peer peer, IEnumerable<DatasetRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/api/v1/write") { Content = new ByteArrayContent(dataset.Body(request)) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            message.Content.Headers.ContentEncoding.Add("snappy");
            message.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
            using var response = await peer.Http.SendAsync(message, cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.OK))
            {
                var answer = await response.Content.ReadAsStringAsync(cancellationToken);
                throw new InvalidOperationException($"{peer.Name} refused: {(int)response.StatusCode} {answer}; its last words:\n{peer.LastWords()}");
            }
        }
    }
}
