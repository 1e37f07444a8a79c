using Flyball.PromQL;

namespace Flyball.Alerting.Rules.Files;

/// <summary>How rule files are read.</summary>
public sealed record RuleFileOptions
{
    /// <summary>Parts of PromQL that are on; null = the default ones.</summary>
    public PromQLFeatures? Features { get; init; }

    /// <summary>Whether keys nobody knows are passed over (<c>--ignore-unknown-fields</c>).</summary>
    public bool IgnoreUnknownKeys { get; init; }

    /// <summary>Whether names must be of the old, ASCII kind (<c>metric_name_validation_scheme: legacy</c>).</summary>
    public bool LegacyNames { get; init; }
}
