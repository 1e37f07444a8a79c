using System.Buffers;
using Flyball.Ingest.Bodies;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>A target inside this process: it is scraped like any other, only nothing is sent over a wire.</summary>
/// <param name="Job">Label <c>job</c> and name of its pool.</param>
/// <param name="Instance">Label <c>instance</c>.</param>
/// <param name="Interval">Time between two scrapes; positive.</param>
/// <param name="Write">Writes the page in text format 0.0.4; called from one scrape at a time.</param>
public sealed record InProcessTarget(string Job, string Instance, DurationMs Interval, Action<IBufferWriter<byte>> Write);

/// <summary>Fetches the page of an <see cref="InProcessTarget"/>.</summary>
internal sealed class InProcessSource(InProcessTarget target) : IScrapeSource
{
    public ValueTask FetchAsync(BodyBuffer body, CancellationToken cancellationToken)
    {
        body.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        try
        {
            target.Write(body);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ScrapeFailedException(e.Message, e);
        }

        return ValueTask.CompletedTask;
    }
}
