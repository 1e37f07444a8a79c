using Flyball.Model.Time;
using Flyball.Templates.Functions;
using Flyball.Templates.Values;

namespace Flyball.Templates.Rules;

/// <summary>The functions Prometheus adds for rule files. Source: Prometheus documentation, "Template reference".</summary>
internal static class RuleFunctions
{
    public static readonly TemplateFunctions All = TemplateFunctions.Builtin.With(new Dictionary<string, TemplateFunction>
    {
        ["query"] = new(1, 1, c => Host(c).Query(c.Text(0))),
        ["first"] = new(1, 1, First),
        ["label"] = new(2, 2, c => Sample(c, 1).Labels.GetValueOrDefault(c.Text(0), "")),
        ["value"] = new(1, 1, c => Sample(c, 0).Value),
        ["strvalue"] = new(1, 1, c => Sample(c, 0).Labels.GetValueOrDefault("__value__", "")),
        ["sortByLabel"] = new(2, 2, SortByLabel),
        ["args"] = new(0, int.MaxValue, Arguments),
        ["humanize"] = new(1, 1, HumanizeFunctions.Humanize),
        ["humanize1024"] = new(1, 1, HumanizeFunctions.Humanize1024),
        ["humanizeDuration"] = new(1, 1, HumanizeFunctions.HumanizeDuration),
        ["humanizePercentage"] = new(1, 1, HumanizeFunctions.HumanizePercentage),
        ["humanizeTimestamp"] = new(1, 1, HumanizeFunctions.HumanizeTimestamp),
        ["toTime"] = new(1, 1, c => HumanizeFunctions.ToTime(c.Number(0))),
        ["toDuration"] = new(1, 1, c => HumanizeFunctions.ToDuration(c.Number(0))),
        ["now"] = new(0, 0, c => Host(c).Now.ToSeconds()),
        ["title"] = new(1, 1, c => TextFunctions.Title(c.Text(0))),
        ["toUpper"] = new(1, 1, c => c.Text(0).ToUpperInvariant()),
        ["toLower"] = new(1, 1, c => c.Text(0).ToLowerInvariant()),
        ["stripPort"] = new(1, 1, HostFunctions.StripPort),
        ["stripDomain"] = new(1, 1, HostFunctions.StripDomain),
        ["match"] = new(2, 2, RegexFunctions.Match),
        ["reReplaceAll"] = new(3, 3, RegexFunctions.ReplaceAll),
        ["graphLink"] = new(1, 1, c => Link(c.Text(0), tab: 0)),
        ["tableLink"] = new(1, 1, c => Link(c.Text(0), tab: 1)),
        ["parseDuration"] = new(1, 1, c => ParseDuration(c)),
        ["urlQueryEscape"] = new(1, 1, c => BuiltinFunctions.EscapeQuery(c.Text(0))),
        ["safeHtml"] = new(1, 1, c => new SafeHtml(c.Text(0))),
        ["externalURL"] = new(0, 0, c => Host(c).ExternalUrl),
        ["pathPrefix"] = new(0, 0, c => PathOf(Host(c).ExternalUrl)),
        ["tmpl"] = new(2, 2, c => new SafeHtml(c.ExecuteTemplate(c.Text(0), c[1]))),
    });

    private static RuleTemplateHost Host(TemplateCall call) => (RuleTemplateHost)call.Host!;

    private static TemplateSample Sample(TemplateCall call, int index) => call.Value<TemplateSample>(index, "*template.sample");

    private static TemplateSample First(TemplateCall call)
    {
        var vector = call.Value<TemplateVector>(0, "template.queryResult");
        return vector.Count > 0 ? vector.First : throw new TemplateFunctionException("first() called on vector with no elements");
    }

    private static TemplateVector SortByLabel(TemplateCall call)
    {
        var label = call.Text(0);
        var vector = call.Value<TemplateVector>(1, "template.queryResult");
        return new TemplateVector([.. vector.Cast<TemplateSample>()
            .OrderBy(s => s.Labels.GetValueOrDefault(label, ""), StringComparer.Ordinal)]);
    }

    private static Dictionary<string, object?> Arguments(TemplateCall call)
    {
        var map = new Dictionary<string, object?>();
        for (var i = 0; i < call.Count; i++)
        {
            map["arg" + i] = call[i];
        }

        return map;
    }

    private static double ParseDuration(TemplateCall call)
    {
        var text = call.Text(0);
        var negative = text.StartsWith('-');
        return DurationText.TryParse(negative ? text[1..] : text, out var duration)
            ? negative ? -duration.ToSeconds() : duration.ToSeconds()
            : throw new TemplateFunctionException($"not a valid duration string: {GoStrings.Quote(text)}");
    }

    private static string Link(string expression, int tab) =>
        $"/graph?g0.expr={BuiltinFunctions.EscapeQuery(expression)}&g0.tab={tab}";

    private static string PathOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.AbsolutePath : "";
}
