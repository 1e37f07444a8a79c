using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.TimeIntervals;
using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Alerting.Routing.Configuration;

/// <summary>Reads the route tree and checks that what it names exists. Source: Alertmanager documentation, "Configuration".</summary>
internal sealed class RouteReader(
    IReadOnlyList<ReceiverConfig> receivers, Dictionary<string, IReadOnlyList<TimeInterval>> intervals, ConfigProblems problems)
{
    private const int DeepestNesting = 64;

    public RouteConfig ReadRoot(YamlSection section)
    {
        var route = Read(section, depth: 0);
        if (route.Receiver.Length == 0)
        {
            section.Report("root route must specify a default receiver");
        }

        if (route.Matchers.Count > 0)
        {
            section.Report("root route must not have any matchers");
        }

        if (route.MuteTimeIntervals.Count > 0)
        {
            section.Report("mute_time_intervals", "root route must not have any mute time intervals");
        }

        if (route.ActiveTimeIntervals.Count > 0)
        {
            section.Report("active_time_intervals", "root route must not have any active time intervals");
        }

        if (route.Continue)
        {
            section.Report("continue", "cannot have continue in root route");
        }

        return route;
    }

    private RouteConfig Read(YamlSection section, int depth)
    {
        var groupBy = section.Has("group_by") ? section.Texts("group_by") : null;
        var route = new RouteConfig(section.Text("receiver") ?? "")
        {
            Matchers = MatcherSection.Read(section, problems),
            GroupBy = groupBy?.Contains("...") == true ? [] : groupBy,
            GroupByAll = groupBy?.Contains("...") ?? false,
            GroupWait = section.Duration("group_wait"),
            GroupInterval = ReadPositive(section, "group_interval"),
            RepeatInterval = ReadPositive(section, "repeat_interval"),
            Continue = section.Boolean("continue") ?? false,
            MuteTimeIntervals = ReadIntervalNames(section, "mute_time_intervals"),
            ActiveTimeIntervals = ReadIntervalNames(section, "active_time_intervals"),
            Routes = ReadBelow(section, depth),
        };
        CheckGroupBy(section, groupBy ?? []);
        if (route.Receiver.Length > 0 && !receivers.Any(r => r.Name == route.Receiver))
        {
            section.Report("receiver", $"undefined receiver \"{route.Receiver}\" used in route");
        }

        section.Finish();
        return route;
    }

    private IReadOnlyList<RouteConfig> ReadBelow(YamlSection section, int depth)
    {
        if (depth == DeepestNesting)
        {
            section.Report("routes", $"routes are nested deeper than {DeepestNesting} levels");
            return [];
        }

        return [.. section.Sections("routes").Select(s => Read(s, depth + 1))];
    }

    private static void CheckGroupBy(YamlSection section, IReadOnlyList<string> labels)
    {
        if (labels.Contains("...") && labels.Count > 1)
        {
            section.Report("group_by", "cannot have wildcard group_by (`...`) and other labels at the same time");
        }

        foreach (var label in labels.GroupBy(l => l).Where(g => g.Count() > 1))
        {
            section.Report("group_by", $"duplicated label \"{label.Key}\" in group_by");
        }

        if (labels.Contains(""))
        {
            section.Report("group_by", "invalid label name \"\" in group_by list");
        }
    }

    private static DurationMs? ReadPositive(YamlSection section, string key)
    {
        var value = section.Duration(key);
        if (value is { Value: 0 })
        {
            section.Report(key, $"{key} cannot be zero");
        }

        return value;
    }

    private IReadOnlyList<string> ReadIntervalNames(YamlSection section, string key)
    {
        var names = section.Texts(key);
        foreach (var name in names.Where(n => !intervals.ContainsKey(n)))
        {
            section.Report(key, $"undefined time interval \"{name}\" used in route");
        }

        return names;
    }
}
