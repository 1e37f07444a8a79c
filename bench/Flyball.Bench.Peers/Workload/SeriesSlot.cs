namespace Flyball.Bench.Peers.Workload;

/// <summary>A place for one active series: the same series for ever, or one after the other where pods come and go.</summary>
internal sealed class SeriesSlot(Family family, int number, TargetPlan target)
{
    private int _generation = -1;
    private ValueWalk _walk;

    public TargetPlan Target => target;

    /// <summary>The labels as fields of the message TimeSeries; of the series that lives now.</summary>
    public byte[] Labels { get; private set; } = [];

    /// <summary>Goes on to a round.</summary>
    /// <param name="ended">The labels of a series that ended before this round, or null.</param>
    public double Step(int round, long atMs, ulong seed, out byte[]? ended)
    {
        ended = null;
        var generation = target.GenerationAt(round);
        if (generation != _generation)
        {
            ended = _generation >= 0 ? Labels : null;
            _generation = generation;
            Labels = LabelBytes.Of(LabelPairs(generation));
            _walk = new ValueWalk(family.Shape, seed + ((ulong)generation << 40), CiFamilies.ShareOf(family, number));
        }

        return _walk.Step(atMs);
    }

    private IEnumerable<(string Name, string Value)> LabelPairs(int generation) =>
        family.LabelsOf(number).Concat(target.LabelsOf(generation)).Append(("__name__", family.Name));
}
