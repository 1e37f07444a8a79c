using System.Text.RegularExpressions;

namespace Flyball.House;

/// <summary>What the documents promise about the tree is true.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Relative_links_lead_somewhere()
    {
        var dead =
            from document in Repository.Files("*.md")
            from Match link in Link().Matches(Prose(document))
            let target = link.Groups["target"].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            where !Repository.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{document}: {target}";
        Assert.Empty(dead);
    }

    [Fact]
    public void Paths_that_documents_name_exist()
    {
        var dead =
            from document in Repository.Files("*.md")
            from Match path in NamedPath().Matches(Repository.Read(document))
            let target = path.Groups["path"].Value.TrimEnd('/')
            where !Repository.Exists(target) && !Repository.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{document}: {target}";
        Assert.Empty(dead);
    }

    [Fact]
    public void Documents_name_no_place_outside_the_project()
    {
        var foreign =
            from document in Repository.Files("*.md")
            where MachinePath().IsMatch(Repository.Read(document))
            select document;
        Assert.Empty(foreign);
    }

    // Links inside fenced code are examples, not links.
    private static string Prose(string document) => Fence().Replace(Repository.Read(document), "");

    [GeneratedRegex(@"(?<!!)\[[^\]\n]*\]\((?<target>[^)\s]+)\)|!\[[^\]\n]*\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    // `src/Flyball.Model/Labels` in backticks; wildcards, placeholders and alternatives are not paths.
    [GeneratedRegex(@"`(?<path>(src|tests|docs|build|bench|web|deploy|examples|\.ci)/[A-Za-z0-9_.\-/]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"(?<![\w.])/(work|home|root)/[a-z]")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
