using System.Text.Json;
using Flyball.Ingest.Relabelling;
using Flyball.Model.Labels;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Relabelling;

public sealed class RelabellerTests
{
    [Fact]
    public void Every_case_of_the_table_gives_the_labels_of_Prometheus()
    {
        using var table = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/config/relabel-cases.json")));
        var differences = new List<string>();
        foreach (var example in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            var labels = new LabelSetBuilder();
            foreach (var label in example.GetProperty("input").EnumerateObject())
            {
                labels.Set(label.Name, label.Value.GetString()!);
            }

            var kept = Relabeller.Apply([.. example.GetProperty("relabel_configs").EnumerateArray().Select(Rule)], labels);
            var actual = kept ? Render(labels.ToPairs()) : "dropped";
            var expected = example.GetProperty("drop").GetBoolean()
                ? "dropped"
                : Render(example.GetProperty("output").EnumerateObject().Select(l => KeyValuePair.Create(l.Name, l.Value.GetString()!)));
            if (actual != expected)
            {
                differences.Add($"{example.GetRawText()}\n  got {actual}");
            }
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("(?P<a>x)(y)", "$1-$2-${a}", "x-y-x")]
    [InlineData("(x)(?P<a>y)", "$2$1$0", "yxxy")]
    [InlineData("x(y)", "$1x", "")]
    [InlineData("x(y)", "${1}x$$", "yx$")]
    [InlineData("x(y)", "$", "$")]
    [InlineData("x(y)", "${1", "${1")]
    [InlineData("xy|z", "got $0", "got xy")]
    public void Replacements_refer_to_groups_as_in_Go(string regex, string replacement, string expected)
    {
        var labels = new LabelSetBuilder().Set("a", "xy");
        Assert.True(Relabeller.Apply([new RelabelRule { SourceLabels = ["a"], Regex = regex, Replacement = replacement, TargetLabel = "b" }], labels));
        Assert.Equal(expected, labels.Get("b"));
    }

    [Theory]
    [InlineData(RelabelAction.Replace, "", 0, "relabel configuration for replace action requires 'target_label' value")]
    [InlineData(RelabelAction.HashMod, "a", 0, "relabel configuration for hashmod requires non-zero modulus")]
    [InlineData(RelabelAction.LabelDrop, "a", 0, "labeldrop action requires only 'regex', and no other fields")]
    [InlineData(RelabelAction.KeepEqual, "a", 3, "keepequal action requires only 'source_labels' and `target_label`, and no other fields")]
    [InlineData(RelabelAction.Keep, "", 0, null)]
    public void Keys_that_do_not_fit_the_action_are_named(RelabelAction action, string target, ulong modulus, string? problem) =>
        Assert.Equal(problem, new RelabelRule { Action = action, TargetLabel = target, Modulus = modulus }.FindProblem());

    private static RelabelRule Rule(JsonElement config)
    {
        string Text(string key, string otherwise) => config.TryGetProperty(key, out var value) ? value.GetString()! : otherwise;
        return new RelabelRule
        {
            SourceLabels = config.TryGetProperty("source_labels", out var sources) ? [.. sources.EnumerateArray().Select(s => s.GetString()!)] : [],
            Separator = Text("separator", ";"),
            Regex = Text("regex", "(.*)"),
            Modulus = config.TryGetProperty("modulus", out var modulus) ? modulus.GetUInt64() : 0,
            TargetLabel = Text("target_label", ""),
            Replacement = Text("replacement", "$1"),
            Action = Enum.Parse<RelabelAction>(Text("action", "replace"), ignoreCase: true),
        };
    }

    private static string Render(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(",", labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}
