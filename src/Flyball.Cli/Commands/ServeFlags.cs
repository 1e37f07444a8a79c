using System.CommandLine;
using Flyball.Model.Text;
using Flyball.Model.Time;
using Flyball.Server;
using Microsoft.Extensions.Logging;

namespace Flyball.Cli.Commands;

/// <summary>The flags of <c>prometheus</c> that <c>flyball serve</c> takes besides its own: read, applied, or named as without effect.</summary>
internal sealed class ServeFlags
{
    // Options of ours that carry Prometheus' names as second names.
    private static readonly string[] Aliases = ["config.file", "storage.tsdb.path", "web.listen-address"];

    // To start without what these ask for would be worse than not to start.
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["agent"] = "there is no agent mode; a Flyball that scrapes also answers queries",
        ["web.config.file"] = "TLS and basic authentication by that file are not supported; configure \"access\" with tokens, and a proxy for TLS",
    };

    private readonly List<(PrometheusFlag Flag, Option Option)> _options = [];

    /// <summary>Adds them to a command, hidden from its help.</summary>
    public ServeFlags(Command command)
    {
        foreach (var flag in PrometheusFlags.All.Where(f => !Aliases.Contains(f.Name)))
        {
            Option option = flag.IsSwitch
                ? new Option<bool>("--" + flag.Name) { Hidden = true }
                : new Option<string[]>("--" + flag.Name) { Hidden = true, AllowMultipleArgumentsPerToken = false };
            command.Options.Add(option);
            _options.Add((flag, option));
            if (flag.IsSwitch)
            {
                var off = new Option<bool>("--no-" + flag.Name) { Hidden = true };
                command.Options.Add(off);
                _options.Add((flag with { Name = "no-" + flag.Name }, off));
            }
        }
    }

    /// <summary>What was given, by name; several values of one flag are joined by commas.</summary>
    /// <exception cref="CommandException">A flag asks for something that cannot be left out silently.</exception>
    public IReadOnlyDictionary<string, string> Read(ParseResult result)
    {
        var given = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (flag, option) in _options.Where(o => result.GetResult(o.Option) is { Implicit: false }))
        {
            var off = flag.Name.StartsWith("no-", StringComparison.Ordinal);
            var name = off ? flag.Name["no-".Length..] : flag.Name;
            var value = option is Option<string[]> texts ? string.Join(',', result.GetValue(texts) ?? []) : off ? "false" : "true";
            if (value != "false" && Refused.TryGetValue(name, out var why))
            {
                throw new CommandException($"--{name}: {why}");
            }

            given[name] = value;
        }

        return given;
    }

    /// <summary>Those given that change nothing, each with the reason.</summary>
    public static IEnumerable<string> WithoutEffect(IReadOnlyDictionary<string, string> given) =>
        from flag in PrometheusFlags.All
        where flag.Without is not null && given.TryGetValue(flag.Name, out var value) && value != flag.Default
        select $"--{flag.Name} changes nothing: {flag.Without}";

    /// <summary>Puts them into options.</summary>
    /// <exception cref="CommandException">A value cannot be read.</exception>
    public static ServerOptions Apply(ServerOptions options, IReadOnlyDictionary<string, string> given) => options with
    {
        GivenFlags = given,
        EnableAdminApi = given.GetValueOrDefault("web.enable-admin-api") == "true",
        EnableLifecycle = given.GetValueOrDefault("web.enable-lifecycle") == "true",
        EnableFeatures = given.TryGetValue("enable-feature", out var features) ? [features] : [],
        CorsOrigin = Origin(given) ?? options.CorsOrigin,
        ExternalUrl = ExternalUrl(given),
        RoutePrefix = given.GetValueOrDefault("web.route-prefix"),
        LookbackDelta = Duration(given, "query.lookback-delta"),
        QueryConcurrency = Number(given, "query.max-concurrency", least: 1),
        QueryTimeout = Duration(given, "query.timeout"),
        QueryMaxSamples = Number(given, "query.max-samples", least: 1),
        RemoteRead = new RemoteReadLimits
        {
            Samples = Number(given, "storage.remote.read-sample-limit", least: 0) ?? options.RemoteRead.Samples,
            Concurrency = Number(given, "storage.remote.read-concurrent-limit", least: 1) ?? options.RemoteRead.Concurrency,
            FrameBytes = Number(given, "storage.remote.read-max-bytes-in-frame", least: 1) ?? options.RemoteRead.FrameBytes,
        },
        MostSearchResults = Number(given, "web.search.max-limit", least: 1) ?? options.MostSearchResults,
        MostNotificationListeners = Number(given, "web.max-notifications-subscribers", least: 0) ?? options.MostNotificationListeners,
        RetentionTime = Duration(given, "storage.tsdb.retention.time"),
        RetentionBytes = given.TryGetValue("storage.tsdb.retention.size", out var size) ? Bytes(size) : null,
    };

    /// <summary>The least level that is logged.</summary>
    public static LogLevel Level(IReadOnlyDictionary<string, string> given) => given.GetValueOrDefault("log.level") switch
    {
        null or "info" => LogLevel.Information,
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        var other => throw new CommandException($"--log.level={other} is none of debug, info, warn, error"),
    };

    /// <summary>Whether lines are logged as JSON.</summary>
    public static bool IsJson(IReadOnlyDictionary<string, string> given) => given.GetValueOrDefault("log.format") switch
    {
        null or "logfmt" => false,
        "json" => true,
        var other => throw new CommandException($"--log.format={other} is neither logfmt nor json"),
    };

    private static TimeSpan? Duration(IReadOnlyDictionary<string, string> given, string name)
    {
        if (!given.TryGetValue(name, out var text))
        {
            return null;
        }

        return DurationText.TryParse(text, out var duration) && (duration.Value > 0 || text is "0" or "0s")
            ? duration.Value == 0 ? null : duration.ToTimeSpan()
            : throw new CommandException($"--{name}={text} is no duration; write e.g. 5m");
    }

    private static int? Number(IReadOnlyDictionary<string, string> given, string name, int least)
    {
        if (!given.TryGetValue(name, out var text))
        {
            return null;
        }

        return int.TryParse(text, out var number) && number >= least
            ? number
            : throw new CommandException($"--{name}={text} is no whole number from {least} on");
    }

    private static long? Bytes(string text)
    {
        (string Unit, int Shift)[] units = [("PB", 50), ("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10), ("EB", 60), ("B", 0)];
        foreach (var (unit, shift) in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && long.TryParse(text[..^unit.Length], out var count) && count >= 0 && count <= long.MaxValue >> shift)
            {
                return count == 0 ? null : count << shift;
            }
        }

        throw new CommandException($"--storage.tsdb.retention.size={text} is no size; write e.g. 512MB");
    }

    private static Uri? ExternalUrl(IReadOnlyDictionary<string, string> given)
    {
        if (!given.TryGetValue("web.external-url", out var text) || text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new CommandException($"--web.external-url={text} is no URL; write e.g. https://ci.example.org/flyball");
    }

    private static string? Origin(IReadOnlyDictionary<string, string> given)
    {
        if (!given.TryGetValue("web.cors.origin", out var text))
        {
            return null;
        }

        try
        {
            _ = GoRegex.CompileAnchored(text);
            return text;
        }
        catch (RegexSyntaxException e)
        {
            throw new CommandException($"--web.cors.origin={text}: {e.Message}");
        }
    }
}
