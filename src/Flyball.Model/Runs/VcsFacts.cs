namespace Flyball.Model.Runs;

/// <summary>Which code a run is about. Null means not known. Names: OpenTelemetry <c>vcs.*</c>.</summary>
public sealed record VcsFacts
{
    /// <summary>Nothing known.</summary>
    public static readonly VcsFacts None = new();

    /// <summary>Canonical HTTPS address of the repository, without <c>.git</c> and without credentials.</summary>
    public string? RepositoryUrl { get; init; }

    /// <summary>Repository without its owner.</summary>
    public string? RepositoryName { get; init; }

    /// <summary>Organisation or group; nested groups joined by <c>/</c>.</summary>
    public string? Owner { get; init; }

    /// <summary><c>github</c>, <c>gitlab</c>, <c>gitea</c>, <c>bitbucket</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>Branch or tag, without <c>refs/…/</c>.</summary>
    public string? HeadName { get; init; }

    /// <summary><c>branch</c> or <c>tag</c>.</summary>
    public string? HeadType { get; init; }

    /// <summary>Full commit id.</summary>
    public string? Commit { get; init; }

    /// <summary>First line of the commit message.</summary>
    public string? CommitTitle { get; init; }

    /// <summary>Branch a change wants to be merged into.</summary>
    public string? BaseName { get; init; }

    /// <summary>Number of the change (pull request, merge request).</summary>
    public string? ChangeId { get; init; }

    /// <summary>Title of the change.</summary>
    public string? ChangeTitle { get; init; }
}
