using System.Text.Json;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Routing;

public sealed class RouteTests
{
    [Fact]
    public void Alertmanagers_route_table_is_followed()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/alertmanager/routing.json")));
        var trees = table.RootElement.GetProperty("trees").EnumerateObject().ToDictionary(t => t.Name, t => Compile(t.Value.GetString()!));
        foreach (var testCase in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            var labels = LabelSet.Of([.. testCase.GetProperty("labels").EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))]);
            var routes = trees[testCase.GetProperty("route").GetString()!].Match(labels).ToArray();
            Assert.Equal(testCase.GetProperty("group_key_prefixes").EnumerateArray().Select(k => k.GetString()), routes.Select(r => r.Key));
            foreach (var (expected, route) in testCase.GetProperty("routes").EnumerateArray().Zip(routes))
            {
                Assert.Equal(expected.GetProperty("receiver").GetString(), route.Receiver);
                Assert.Equal(expected.GetProperty("group_by_all").GetBoolean(), route.GroupByAll);
                Assert.Equal(Seconds(expected, "group_wait_s", 30), route.GroupWait.ToSeconds());
                Assert.Equal(Seconds(expected, "group_interval_s", 300), route.GroupInterval.ToSeconds());
                Assert.Equal(Seconds(expected, "repeat_interval_s", 4 * 3600), route.RepeatInterval.ToSeconds());
                var groupBy = expected.GetProperty("group_by");
                Assert.Equal(groupBy.ValueKind == JsonValueKind.Array ? groupBy.EnumerateArray().Select(g => g.GetString()!) : [], route.GroupBy);
            }
        }
    }

    [Fact]
    public void Group_keys_hold_the_way_and_the_group() => Assert.Equal(
        "{}/{severity=\"page\"}:{alertname=\"X\"}",
        Compile("receiver: a\nroutes: [{matchers: [severity=page], group_by: [alertname, none]}]").Match(LabelSet.Of(("alertname", "X"), ("severity", "page")))
            .Select(r => r.GroupKey(r.GroupLabels(LabelSet.Of(("alertname", "X"), ("severity", "page"))))).Single());

    private static double Seconds(JsonElement route, string name, double otherwise) =>
        route.GetProperty(name) is { ValueKind: JsonValueKind.Number } seconds ? seconds.GetDouble() : otherwise;

    private static Route Compile(string yaml)
    {
        var problems = new ConfigProblems();
        var names = yaml.Split('\n', ',', '{', '}').Where(l => l.Contains("receiver:", StringComparison.Ordinal))
            .Select(l => l[(l.IndexOf("receiver:", StringComparison.Ordinal) + 9)..].Trim(' ', '\'', '"')).Distinct();
        var text = "receivers: [" + string.Join(", ", names.Select(n => $"{{name: '{n}'}}")) + "]\nroute:\n"
            + string.Join('\n', yaml.Split('\n').Select(l => "  " + l));
        var config = RoutingConfigReader.ReadFile("am.yml", text, problems);
        Assert.Empty(problems.All);
        return Route.Compile(config!.Route);
    }
}
