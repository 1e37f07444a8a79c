using Flyball.Access;
using Flyball.Actions.Configuration;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Rules.Files;
using Flyball.Ingest.Scraping;
using Flyball.Model.Text;
using Flyball.Pipelines.Backfill;

namespace Flyball.Server.Configuration;

/// <summary>Everything <c>flyball.yml</c> says, checked and resolved. Immutable; a reload makes a new one.</summary>
public sealed record FlyballConfig
{
    /// <summary>Where it was read from; null for the built-in defaults.</summary>
    public string? Path { get; init; }

    /// <summary>The text as read.</summary>
    public string Text { get; init; } = "";

    /// <summary>Folder that relative paths start from.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>Defaults of scrapes and rules.</summary>
    public GlobalConfig Global { get; init; } = new();

    /// <summary>Addresses.</summary>
    public ListenConfig Listen { get; init; } = ListenConfig.Default;

    /// <summary>Durability and retention.</summary>
    public StorageConfig Storage { get; init; } = new();

    /// <summary>What queries may cost.</summary>
    public QueryConfig Query { get; init; } = QueryConfig.Default;

    /// <summary>How long the history of pipeline runs is kept.</summary>
    public RunsConfig Runs { get; init; } = RunsConfig.Default;

    /// <summary>Whether the machine is watched.</summary>
    public HostConfig Host { get; init; } = new(Enabled: true, Model.Time.DurationMs.FromSeconds(15));

    /// <summary>Who may come in.</summary>
    public AccessConfig Access { get; init; } = AccessConfig.Open;

    /// <summary>How senders of webhooks prove who they are.</summary>
    public HooksConfig Hooks { get; init; } = HooksConfig.Open;

    /// <summary>Whether and how Tekton's runs are watched; null = not. Takes effect at a start.</summary>
    public TektonWatchConfig? TektonWatch { get; init; }

    /// <summary>Whose REST API is asked for runs. Takes effect at a start.</summary>
    public IReadOnlyList<BackfillSource> Backfill { get; init; } = [];

    /// <summary>What is scraped.</summary>
    public IReadOnlyList<ScrapeConfig> ScrapePools { get; init; } = [];

    /// <summary>The groups of all rule files.</summary>
    public IReadOnlyList<RuleGroupConfig> RuleGroups { get; init; } = [];

    /// <summary>What can be done, and what may be done when.</summary>
    public ActionsConfig Actions { get; init; } = ActionsConfig.Empty;

    /// <summary>Who is told of which alerts.</summary>
    public RoutingConfig Routing { get; init; } = RoutingConfig.Empty;

    /// <summary>Rule files, found and absolute.</summary>
    public IReadOnlyList<string> RuleFiles { get; init; } = [];

    /// <summary>What works otherwise than its author may expect.</summary>
    public IReadOnlyList<ConfigProblem> Warnings { get; init; } = [];
}

/// <summary>What came of reading a configuration.</summary>
/// <param name="Config">Null when there are problems.</param>
/// <param name="Problems">All of them, in file order.</param>
/// <param name="Warnings">Also when there are no problems.</param>
public sealed record ConfigOutcome(FlyballConfig? Config, IReadOnlyList<ConfigProblem> Problems, IReadOnlyList<ConfigProblem> Warnings);
