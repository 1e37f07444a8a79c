using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.Templates.Rules;

namespace Flyball.Alerting.Rules.Files;

/// <summary>A group of rules as a rule file has it: evaluated together and in order.</summary>
/// <param name="File">Path of the file as the configuration gives it.</param>
/// <param name="Name">Its name, unique in its file.</param>
/// <param name="Rules">Its rules in file order.</param>
public sealed record RuleGroupConfig(string File, string Name, IReadOnlyList<RuleConfig> Rules)
{
    /// <summary>How often it is evaluated; null = the global evaluation interval.</summary>
    public DurationMs? Interval { get; init; }

    /// <summary>Most series or alerts one of its rules may yield; 0 = no limit.</summary>
    public int Limit { get; init; }

    /// <summary>How far in the past it is evaluated; null = the global offset.</summary>
    public DurationMs? QueryOffset { get; init; }

    /// <summary>Whether it is also evaluated when what it reads arrives; null = only by the clock.</summary>
    public ReactiveConfig? Reactive { get; init; }

    /// <summary>What tells it from other groups: file and name.</summary>
    public string Key => File + ";" + Name;
}

/// <summary>How a group reacts to arrivals.</summary>
/// <param name="Debounce">Arrivals within this time after the first cause one evaluation.</param>
public sealed record ReactiveConfig(DurationMs Debounce)
{
    /// <summary>Long enough to take one scrape or one batch as one arrival, too short to be noticed.</summary>
    public static readonly DurationMs DefaultDebounce = new(10);
}

/// <summary>A recording or an alerting rule as a rule file has it.</summary>
/// <param name="Name">The metric it records, or the alert's name.</param>
/// <param name="Expression">What it evaluates.</param>
public sealed record RuleConfig(string Name, PromQLExpression Expression)
{
    /// <summary>Whether it raises alerts; otherwise it records.</summary>
    public bool IsAlert { get; init; }

    /// <summary>How long its condition must hold before an alert fires.</summary>
    public DurationMs For { get; init; }

    /// <summary>How long an alert goes on firing after its condition has ceased to hold.</summary>
    public DurationMs KeepFiringFor { get; init; }

    /// <summary>Labels it sets, those of its group among them, by rising name. Templates in alerting rules.</summary>
    public IReadOnlyList<NamedTemplate> Labels { get; init; } = [];

    /// <summary>Annotations of its alerts, by rising name.</summary>
    public IReadOnlyList<NamedTemplate> Annotations { get; init; } = [];

    /// <summary>Where it stands in its file, from 1.</summary>
    public int Line { get; init; }
}

/// <summary>A label or annotation of a rule.</summary>
public sealed record NamedTemplate(string Name, RuleTemplate Template);
