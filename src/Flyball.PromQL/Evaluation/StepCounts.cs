namespace Flyball.PromQL.Evaluation;

/// <summary>Samples touched at each step of a query. Safe from many threads.</summary>
/// <remarks>Counted as Prometheus does: what does not depend on the step belongs to every step that uses it, what a bare subquery touches to the
/// step it is evaluated at.</remarks>
internal sealed class StepCounts
{
    private readonly long[] _counts;
    private readonly int _from;
    private readonly int _until;
    private readonly long _weight;
    private readonly bool _isInner;

    public StepCounts(int steps) : this(new long[steps], 0, steps, 1, isInner: false)
    {
    }

    private StepCounts(long[] counts, int from, int until, long weight, bool isInner) =>
        (_counts, _from, _until, _weight, _isInner) = (counts, from, until, weight, isInner);

    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Counts for a bare subquery.</summary>
    public StepCounts ForSubquery() => _isInner ? this : new StepCounts(_counts, _until - 1, _until, 1, isInner: true);

    /// <summary>Counts for something evaluated once for all of the steps of this part.</summary>
    public StepCounts ForInvariant(int steps) =>
        _isInner ? new StepCounts(_counts, _from, _until, _weight * steps, isInner: true) : new StepCounts(_counts, _from, _until, 1, isInner: true);

    public void Add(int step, long samples)
    {
        if (!_isInner)
        {
            Interlocked.Add(ref _counts[step], samples);
            return;
        }

        for (var i = _from; i < _until; i++)
        {
            Interlocked.Add(ref _counts[i], samples * _weight);
        }
    }
}
