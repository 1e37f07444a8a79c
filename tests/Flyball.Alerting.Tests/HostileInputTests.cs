using System.Text;
using System.Text.Json;
using Flyball.Alerting.Api;
using Flyball.Alerting.Matching;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Rules.Files;
using Flyball.Configuration;
using Flyball.Testing;

namespace Flyball.Alerting.Tests;

/// <summary>Torn, changed and random input yields problems and refusals, never another exception.</summary>
public sealed class HostileInputTests
{
    [Theory]
    [InlineData("conformance/rules/rulefmt/test_aliases.yaml")]
    [InlineData("conformance/rules/promtool/rules.yml")]
    public void Changed_rule_files_are_read_or_refused(string file) => Mutate(file, text => RuleFileReader.Read("r.yml", text, new ConfigProblems()));

    [Theory]
    [InlineData("conformance/config/alertmanager/conf.good.yml")]
    [InlineData("conformance/config/amtool-routing/conf.routing.yml")]
    public void Changed_routing_files_are_read_or_refused(string file) => Mutate(file, text => RoutingConfigReader.ReadFile("am.yml", text, new ConfigProblems()));

    [Fact]
    public void Random_matchers_are_read_or_refused()
    {
        string[] pieces = ["a", "=", "!=", "=~", "!~", "{", "}", ",", "\"", "\\", "'", "`", " ", "é", "\ud83d", "(", "[", "\n", "\\xf0", "\\u12"];
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                AlertMatchers.Parse(text);
            }
            catch (MatcherSyntaxException)
            {
            }
        }
    }

    [Fact]
    public void Random_bodies_are_read_or_refused()
    {
        string[] values = ["1", "\"x\"", "null", "true", "[]", "{}", "[1]", "{\"a\":1}", "{\"a\":\"b\"}", "\"2026-01-05T12:00:00Z\"", "[{\"name\":\"a\",\"value\":\"(\",\"isRegex\":true}]", "[null]"];
        string[] names = ["labels", "annotations", "startsAt", "endsAt", "generatorURL", "matchers", "id", "createdBy", "comment"];
        var random = new Random(13);
        for (var round = 0; round < 5_000; round++)
        {
            var body = "{" + string.Join(',', names.Where(_ => random.Next(2) == 0).Select(n => $"\"{n}\":{values[random.Next(values.Length)]}")) + "}";
            using var json = JsonDocument.Parse(random.Next(10) == 0 ? values[random.Next(values.Length)] : body);
            Refusable(() => AlertmanagerBody.ReadAlert(json.RootElement, 0, out _));
            Refusable(() => AlertmanagerBody.ReadSilence(json.RootElement));
        }
    }

    private static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (BodyRefusedException)
        {
        }
    }

    private static void Mutate(string file, Action<string> read)
    {
        var original = Encoding.UTF8.GetBytes(File.ReadAllText(SharedData.Require(file)));
        var random = new Random(17);
        for (var round = 0; round < 600; round++)
        {
            var bytes = original.AsSpan(0, random.Next(4) == 0 ? random.Next(original.Length) : original.Length).ToArray();
            for (var change = random.Next(1, 5); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"{}[]:-,&*!|>'\"%@ \n\t#<"[random.Next(21)];
            }

            read(Encoding.UTF8.GetString(bytes));
        }
    }
}
