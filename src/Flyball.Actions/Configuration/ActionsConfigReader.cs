using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Flyball.PromQL;
using Flyball.Templates;

namespace Flyball.Actions.Configuration;

/// <summary>Reads the sections <c>actions</c> and <c>policies</c>; every problem is reported with its place.</summary>
public static class ActionsConfigReader
{
    private static readonly TimeSpan DefaultCommandTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultHttpTimeout = TimeSpan.FromSeconds(10);
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Reads both sections.</summary>
    /// <param name="root">The file's root; the keys <c>actions</c> and <c>policies</c> are read from it.</param>
    /// <param name="baseFolder">Folder that relative working folders start from: the file's own.</param>
    /// <returns>What could be read; believe it only if no problem was reported.</returns>
    public static ActionsConfig Read(YamlSection root, string baseFolder)
    {
        var actions = new List<ActionConfig>();
        foreach (var section in root.Sections("actions"))
        {
            if (ReadAction(section, baseFolder) is { } action)
            {
                if (actions.Exists(a => a.Name == action.Name))
                {
                    section.Report("name", $"action \"{action.Name}\" exists already; give this one another name");
                }

                actions.Add(action);
            }
        }

        var policies = new List<PolicyConfig>();
        foreach (var section in root.Sections("policies"))
        {
            if (ReadPolicy(section, actions) is { } policy)
            {
                if (policies.Exists(p => p.Name == policy.Name))
                {
                    section.Report("name", $"policy \"{policy.Name}\" exists already; the journal could not tell them apart");
                }

                policies.Add(policy);
            }
        }

        return new ActionsConfig(actions, policies);
    }

    private static ActionConfig? ReadAction(YamlSection section, string baseFolder)
    {
        var name = section.RequiredText("name");
        var command = section.Section("command") is { } run ? ReadCommand(run, baseFolder) : null;
        var http = section.Section("http") is { } request ? ReadHttp(request) : null;
        section.Finish();
        if ((command is null) == (http is null))
        {
            if (!section.Has("command") || section.Has("http"))
            {
                section.Report("name", "an action has either \"command\" or \"http\"; give it one of them");
            }

            return null;
        }

        return new ActionConfig(name) { Command = command, Http = http };
    }

    private static CommandConfig? ReadCommand(YamlSection section, string baseFolder)
    {
        var argv = section.Texts("argv").Select(a => Parse(section, "argv", a)).ToList();
        if (argv.Count == 0)
        {
            section.Report("argv", "\"argv\" is missing; give program and arguments as a list, e.g. [\"./rerun.sh\", \"{{ .Labels.run_id }}\"]");
        }

        var folder = section.Text("working_dir");
        var environment = section.Pairs("env").Select(e => KeyValuePair.Create(e.Key, Parse(section, "env", e.Value))).ToList();
        var timeout = Positive(section, "timeout", DefaultCommandTimeout);
        section.Finish();
        return argv.Contains(null) || argv.Count == 0 || environment.Exists(e => e.Value is null) ? null : new CommandConfig(argv!, timeout)
        {
            Environment = environment!,
            WorkingDirectory = Path.GetFullPath(folder ?? ".", baseFolder),
        };
    }

    private static HttpConfig? ReadHttp(YamlSection section)
    {
        var url = Parse(section, "url", section.RequiredText("url"));
        var method = Methods[section.Choice("method", Methods) ?? Array.IndexOf(Methods, "POST")];
        var headers = section.Pairs("headers").Select(h => KeyValuePair.Create(h.Key, Parse(section, "headers", h.Value))).ToList();
        var bodyText = section.Text("body");
        var body = bodyText is null ? null : Parse(section, "body", bodyText);
        var timeout = Positive(section, "timeout", DefaultHttpTimeout);
        if (url is not null && !url.Text.Contains("{{", StringComparison.Ordinal)
            && !(Uri.TryCreate(url.Text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            section.Report("url", $"\"{url.Text}\" is no address; write one that begins with http:// or https://");
        }

        section.Finish();
        return url is null || headers.Exists(h => h.Value is null) || (bodyText is not null && body is null)
            ? null
            : new HttpConfig(url, method, timeout) { Headers = headers!, Body = body };
    }

    private static PolicyConfig? ReadPolicy(YamlSection section, List<ActionConfig> actions)
    {
        var name = section.RequiredText("name");
        var matchers = ReadMatchers(section);
        var condition = ReadCondition(section);
        var actionName = section.RequiredText("action");
        var action = actions.Find(a => a.Name == actionName);
        if (action is null && actionName.Length > 0)
        {
            var names = actions.ConvertAll(a => a.Name);
            section.Report("action", $"no action is named \"{actionName}\"{NearestWord.Suggest(actionName, names)}");
        }

        var cooldown = section.Duration("cooldown")?.ToTimeSpan() ?? TimeSpan.Zero;
        var groupBy = section.Texts("group_by");
        var rateLimit = section.Section("rate_limit") is { } limit ? ReadRateLimit(limit) : null;
        var concurrency = (int)(section.Integer("concurrency", 1, 100) ?? 1);
        var dryRun = section.Boolean("dry_run") ?? false;
        section.Finish();
        return action is null ? null : new PolicyConfig(name, matchers, action)
        {
            Condition = condition,
            Cooldown = cooldown,
            GroupBy = groupBy,
            RateLimit = rateLimit,
            Concurrency = concurrency,
            DryRun = dryRun,
        };
    }

    private static List<Matcher> ReadMatchers(YamlSection section)
    {
        var matchers = new List<Matcher>();
        foreach (var text in section.Texts("alerts"))
        {
            if (AlertMatcherText.Read(text, out var error) is { } matcher)
            {
                matchers.Add(matcher);
            }
            else
            {
                section.Report("alerts", error);
            }
        }

        // A policy for every alert there will ever be is nearly always a forgotten key, and it acts.
        if (matchers.Count == 0 && !section.Has("alerts"))
        {
            section.Report("alerts", "\"alerts\" is missing; say which alerts the policy is about, e.g. ['alertname=\"TaskFailed\"']");
        }

        return matchers;
    }

    private static ActionText? ReadCondition(YamlSection section)
    {
        if (section.Text("condition") is not { } text || Parse(section, "condition", text) is not { } condition)
        {
            return null;
        }

        // Labels are not known yet; a query that is wrong with empty ones is wrong with any.
        try
        {
            PromQLExpression.Parse(condition.Expand(TemplateFacts.Empty));
        }
        catch (Exception e) when (e is PromQLSyntaxException or TemplateException)
        {
            section.Report("condition", e.Message);
        }

        return condition;
    }

    private static RateLimit? ReadRateLimit(YamlSection section)
    {
        var count = section.Integer("count", 1, 1000);
        var per = section.Duration("per");
        if (!section.Has("count") || !section.Has("per"))
        {
            section.Report("a rate limit needs \"count\" and \"per\", e.g. {count: 3, per: 1h}");
        }

        section.Finish();
        return count is { } most && per is { } time ? new RateLimit((int)most, time.ToTimeSpan()) : null;
    }

    private static TimeSpan Positive(YamlSection section, string key, TimeSpan otherwise)
    {
        var value = section.Duration(key)?.ToTimeSpan() ?? otherwise;
        if (value <= TimeSpan.Zero)
        {
            section.Report(key, $"\"{key}\" must be longer than 0");
        }

        return value;
    }

    private static ActionText? Parse(YamlSection section, string key, string text)
    {
        try
        {
            return ActionText.Parse(key, text);
        }
        catch (TemplateException e)
        {
            section.Report(key, e.Message);
            return null;
        }
    }
}
