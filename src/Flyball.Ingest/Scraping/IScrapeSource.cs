using Flyball.Ingest.Bodies;

namespace Flyball.Ingest.Scraping;

/// <summary>Where one target's page comes from.</summary>
internal interface IScrapeSource
{
    /// <summary>Fetches the page.</summary>
    /// <param name="body">Empty; filled with the bytes and their content type.</param>
    /// <exception cref="ScrapeFailedException">The target does not answer, or not properly.</exception>
    ValueTask FetchAsync(BodyBuffer body, CancellationToken cancellationToken);
}
