namespace Flyball.Model.Runs;

/// <summary>Which code a run is about. Null means not known. Names: OpenTelemetry <c>vcs.*</c>.</summary>
public sealed record VcsFacts
{
    /// <summary>How many words there are.</summary>
    public const int WordCount = 11;

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

    /// <summary>A word by the number that formats on disk give it. New ones come last; none ever moves.</summary>
    /// <param name="number">From 1 to <see cref="WordCount"/>.</param>
    public string? Word(int number) => number switch
    {
        1 => RepositoryUrl,
        2 => RepositoryName,
        3 => Owner,
        4 => Provider,
        5 => HeadName,
        6 => HeadType,
        7 => Commit,
        8 => CommitTitle,
        9 => BaseName,
        10 => ChangeId,
        11 => ChangeTitle,
        _ => throw new ArgumentOutOfRangeException(nameof(number), number, $"words are numbered from 1 to {WordCount}"),
    };

    /// <summary>The facts of words in the order of their numbers.</summary>
    /// <param name="words"><see cref="WordCount"/> of them.</param>
    public static VcsFacts OfWords(ReadOnlySpan<string?> words) => new()
    {
        RepositoryUrl = words[0],
        RepositoryName = words[1],
        Owner = words[2],
        Provider = words[3],
        HeadName = words[4],
        HeadType = words[5],
        Commit = words[6],
        CommitTitle = words[7],
        BaseName = words[8],
        ChangeId = words[9],
        ChangeTitle = words[10],
    };
}
