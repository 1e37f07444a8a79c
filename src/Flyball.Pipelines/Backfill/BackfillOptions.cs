using Flyball.Model.Time;

namespace Flyball.Pipelines.Backfill;

/// <summary>One CI system whose REST API is asked for runs that no webhook told of.</summary>
public sealed record BackfillSource
{
    /// <summary><c>github</c>, <c>gitlab</c>, <c>buildkite</c>, <c>jenkins</c> or <c>tekton</c> (Tekton Results).</summary>
    public required string System { get; init; }

    /// <summary>Address of the API; null = the vendor's own.</summary>
    public Uri? Url { get; init; }

    /// <summary>The credential of this moment: a token, for Jenkins <c>user:token</c>; null = none.</summary>
    public Func<string?> Token { get; init; } = static () => null;

    /// <summary>What to ask for: repositories (<c>owner/name</c>), projects (<c>group/name</c>), <c>organisation</c> or
    /// <c>organisation/pipeline</c>, jobs or folders, namespaces (<c>-</c> for all).</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>How far to look back the first time.</summary>
    public TimeSpan Since { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often to look again; null = only at the start and when asked.</summary>
    public TimeSpan? Every { get; init; }
}

/// <summary>What is asked, and where it is remembered how far that came.</summary>
public sealed record BackfillOptions
{
    /// <summary>Systems with a back-fill.</summary>
    public static readonly IReadOnlyList<string> Systems = ["github", "gitlab", "buildkite", "jenkins", "tekton"];

    /// <summary>Whom to ask.</summary>
    public IReadOnlyList<BackfillSource> Sources { get; init; } = [];

    /// <summary>Where cursors are kept.</summary>
    public required ICursorStore Cursors { get; init; }

    /// <summary>Longest time to wait for a server that wants to be left alone, before the pass is given up until the next one.</summary>
    public TimeSpan MostWait { get; init; } = TimeSpan.FromHours(1);

    /// <summary>First wait after a failure; doubles.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Keeps how far a back-fill came, so that a restart goes on from there.</summary>
public interface ICursorStore
{
    /// <summary>What was saved last under a name; null if nothing was.</summary>
    string? Load(string name);

    /// <summary>Saves.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    void Save(string name, string text);
}

/// <summary>How far a back-fill is.</summary>
/// <param name="System">Of which system.</param>
/// <param name="Target">Of which repository, project, pipeline or job.</param>
/// <param name="State"><c>waiting</c>, <c>reading</c>, <c>limited</c> (the server wants to be left alone), <c>done</c> or <c>failed</c>.</param>
/// <param name="Runs">Runs read in this pass.</param>
/// <param name="Since">From when on.</param>
/// <param name="Message">What is wrong, if something is.</param>
public sealed record BackfillProgress(string System, string Target, string State, int Runs, TimestampMs Since, string Message = "");
