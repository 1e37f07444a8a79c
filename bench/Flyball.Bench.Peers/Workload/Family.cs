namespace Flyball.Bench.Peers.Workload;

/// <summary>A metric of an exporter: its name, the labels its series differ in, and how their values move.</summary>
internal sealed record Family(string Name, ValueShape Shape, params (string Label, string[] Values)[] Dimensions)
{
    /// <summary>How many series one target has of it.</summary>
    public int Count => Dimensions.Aggregate(1, (product, dimension) => product * dimension.Values.Length);

    /// <summary>The labels of a series in which it differs from its siblings.</summary>
    public IEnumerable<(string Label, string Value)> LabelsOf(int series)
    {
        foreach (var (label, values) in Dimensions)
        {
            yield return (label, values[series % values.Length]);
            series /= values.Length;
        }
    }
}
