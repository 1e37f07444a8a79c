using System.Xml.Linq;

namespace Flyball.House;

/// <summary>No package without a reason on record, no reason without a package.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void Every_package_has_its_reason_in_the_list_of_dependencies()
    {
        var reasons = Repository.Read("docs/dependencies.md");
        Assert.All(Packages(), package => Assert.Contains($"| {package} |", reasons, StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_of_dependencies_names_no_package_that_is_gone()
    {
        var named = Repository.Read("docs/dependencies.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Package", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim());
        Assert.Empty(named.Except(Packages()));
    }

    private static List<string> Packages() =>
        [.. XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants()
            .Where(e => e.Name.LocalName is "PackageVersion" or "GlobalPackageReference")
            .Select(e => e.Attribute("Include")!.Value)];
}
