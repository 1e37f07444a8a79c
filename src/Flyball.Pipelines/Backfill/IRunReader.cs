using Flyball.Model.Runs;

namespace Flyball.Pipelines.Backfill;

/// <summary>Reads runs out of one system's REST API. Keeps no state of its own.</summary>
internal interface IRunReader
{
    /// <summary>Where its API is unless configured otherwise; null when there is no such place.</summary>
    Uri? DefaultAddress { get; }

    /// <summary>Adds the credential to a request.</summary>
    void Prove(HttpRequestMessage request, string credential);

    /// <summary>Reads a page of runs with everything in them.</summary>
    /// <param name="page">Address of the page as told by the one before; null = the first.</param>
    /// <exception cref="BackfillException">The API does not let us.</exception>
    Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken);
}

/// <summary>A page of runs.</summary>
/// <param name="Runs">What each run's objects say.</param>
/// <param name="Next">Address of the next page; null = that was all.</param>
internal sealed record RunPage(IReadOnlyList<IReadOnlyList<RunFact>> Runs, string? Next);
