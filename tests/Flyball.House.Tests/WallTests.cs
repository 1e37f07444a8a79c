using System.Xml.Linq;

namespace Flyball.House;

/// <summary>Which room may use which: the table is the architecture, the project files must say the same.</summary>
public sealed class WallTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Flyball.Model"] = [],
        ["Flyball.Configuration"] = ["Flyball.Model"],
        ["Flyball.Durable"] = ["Flyball.Model"],
        ["Flyball.Metrics"] = ["Flyball.Durable", "Flyball.Model"],
        ["Flyball.Traces"] = ["Flyball.Durable", "Flyball.Model"],
        ["Flyball.Access"] = ["Flyball.Configuration", "Flyball.Durable", "Flyball.Model"],
        ["Flyball.PromQL"] = ["Flyball.Model"],
        ["Flyball.Templates"] = ["Flyball.Model"],
        ["Flyball.Ingest"] = ["Flyball.Configuration", "Flyball.Model"],
        ["Flyball.Pipelines"] = ["Flyball.Durable", "Flyball.Model"],
        ["Flyball.Alerting"] = ["Flyball.Configuration", "Flyball.Durable", "Flyball.Model", "Flyball.PromQL", "Flyball.Templates"],
        ["Flyball.Actions"] = ["Flyball.Configuration", "Flyball.Durable", "Flyball.Model", "Flyball.PromQL", "Flyball.Templates"],
        ["Flyball.Server"] =
        [
            "Flyball.Access", "Flyball.Actions", "Flyball.Alerting", "Flyball.Configuration", "Flyball.Durable", "Flyball.Ingest",
            "Flyball.Metrics", "Flyball.Model", "Flyball.Pipelines", "Flyball.PromQL", "Flyball.Templates", "Flyball.Traces",
        ],
        ["Flyball.Cli"] = ["Flyball.Server"],
    };

    // The step wrapper starts in milliseconds on machines that have nothing else: the vocabulary at most.
    private static readonly string[] StepMayUse = ["Flyball.Model"];

    private static readonly string[] Engines =
        ["Flyball.Model", "Flyball.Durable", "Flyball.Metrics", "Flyball.PromQL", "Flyball.Traces", "Flyball.Templates"];

    [Fact]
    public void Every_room_uses_exactly_the_rooms_the_architecture_names()
    {
        foreach (var room in Repository.Rooms().Where(r => r != "Flyball.Step"))
        {
            Assert.True(MayUse.TryGetValue(room, out var allowed), $"{room} is not in the table of this test: decide what it may use");
            Assert.Equal(allowed, References(room));
        }
    }

    [Fact]
    public void The_step_wrapper_uses_the_vocabulary_at_most()
    {
        Assert.SkipUnless(Repository.Exists("src/Flyball.Step/Flyball.Step.csproj"), "there is no src/Flyball.Step yet");
        Assert.Empty(References("Flyball.Step").Except(StepMayUse));
        Assert.Empty(Project("Flyball.Step").Descendants("PackageReference"));
    }

    [Fact]
    public void Engines_never_see_the_web_framework()
    {
        foreach (var room in Engines)
        {
            Assert.DoesNotContain(Project(room).Descendants("FrameworkReference"), r => true);
        }
    }

    [Fact]
    public void Every_room_and_every_test_project_is_in_the_solution()
    {
        var listed = XDocument.Parse(Repository.Read("Flyball.slnx")).Descendants("Project").Select(p => p.Attribute("Path")!.Value);
        var present = Repository.Files("*.csproj").Where(p => p.StartsWith("src/", StringComparison.Ordinal) || p.StartsWith("tests/", StringComparison.Ordinal));
        Assert.Empty(present.Except(listed));
    }

    private static string[] References(string room) =>
        [.. Project(room).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))
            .Order(StringComparer.Ordinal)];

    private static XDocument Project(string room) => XDocument.Parse(Repository.Read($"src/{room}/{room}.csproj"));
}
