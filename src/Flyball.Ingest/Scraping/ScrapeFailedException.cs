namespace Flyball.Ingest.Scraping;

/// <summary>A scrape that stores nothing: the target's answer, its form or a limit forbids it. The message is shown with the target.</summary>
internal sealed class ScrapeFailedException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the body was longer than <c>body_size_limit</c>.</summary>
    public bool BodyTooLarge { get; init; }
}
