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

    /// <summary>Its samples in the order they came.</summary>
    public List<PushedSample> Samples { get; init; } = [];
}

/// <summary>One pushed sample.</summary>
internal readonly record struct PushedSample(LabelSet Series, double Value);
