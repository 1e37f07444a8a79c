namespace Flyball.Pipelines.Questions;

/// <summary>How long something usually takes: median and median absolute deviation (MAD) of its latest good durations.</summary>
/// <remarks>Medians, because one run that hung an hour must not make the next slow one look usual. Not thread-safe.</remarks>
internal sealed class Baseline(int most)
{
    /// <summary>Fewer say nothing.</summary>
    public const int Fewest = 5;

    // Sources cut times to seconds, so that equal durations are common; a spread of nothing would make any difference infinite.
    private const double LeastSpread = 0.01;

    private readonly double[] _inOrder = new double[most];
    private readonly double[] _sorted = new double[most];
    private readonly double[] _deviations = new double[most];
    private int _next;

    public int Count { get; private set; }

    public bool IsKnown => Count >= Math.Min(Fewest, most);

    /// <summary>Seconds; some have to be known.</summary>
    public double Median => Statistics.Median(_sorted.AsSpan(0, Count));

    /// <summary>Adds a duration in seconds; beyond the most, the oldest goes.</summary>
    public void Add(double seconds)
    {
        if (Count == most)
        {
            var gone = Array.BinarySearch(_sorted, 0, Count, _inOrder[_next]);
            Array.Copy(_sorted, gone + 1, _sorted, gone, --Count - gone);
        }

        var found = Array.BinarySearch(_sorted, 0, Count, seconds);
        var at = found < 0 ? ~found : found;
        Array.Copy(_sorted, at, _sorted, at + 1, Count++ - at);
        _sorted[at] = seconds;
        _inOrder[_next] = seconds;
        _next = (_next + 1) % most;
    }

    /// <summary>1.4826 · MAD in seconds, but at least a hundredth of the median.</summary>
    public double Spread()
    {
        var median = Median;
        for (var i = 0; i < Count; i++)
        {
            _deviations[i] = Math.Abs(_sorted[i] - median);
        }

        Array.Sort(_deviations, 0, Count);
        return Math.Max(Statistics.NormalSpread * Statistics.Median(_deviations.AsSpan(0, Count)), Math.Max(median * LeastSpread, 0.001));
    }

    /// <summary>How many spreads a duration is above the median; negative below.</summary>
    public double ScoreOf(double seconds) => (seconds - Median) / Spread();
}
