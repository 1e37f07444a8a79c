using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Push;

/// <summary>One family as pushed: its samples with all their labels, name included.</summary>
internal sealed record PushedFamily(string Name)
{
    /// <summary>Its type; null until a line says so or a sample comes.</summary>
    public MetricType? Type { get; set; }

    /// <summary>Its help; null until a line says so.</summary>
    public string? Help { get; set; }

    /// <summary>When it was pushed last, in seconds.</summary>
    public double PushedAt { get; init; }

    /// <summary>Its samples in the order they came.</summary>
    public List<PushedSample> Samples { get; init; } = [];
}

/// <summary>One pushed sample.</summary>
internal readonly record struct PushedSample(LabelSet Series, double Value);

/// <summary>A group as it stands.</summary>
/// <param name="Key">The labels it is grouped by.</param>
/// <param name="Families">Its families in the order of their names, those that tell of its pushes not among them.</param>
/// <param name="PushedAt">The last push that succeeded, in seconds; 0 = none did.</param>
/// <param name="FailedAt">The last push that failed, in seconds; 0 = none did.</param>
internal sealed record PushedGroup(LabelSet Key, IReadOnlyList<PushedFamily> Families, double PushedAt, double FailedAt);
