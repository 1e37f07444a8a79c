namespace Flyball.Pipelines.Questions;

/// <summary>How long something usually takes: median and median absolute deviation (MAD) of its latest good durations.</summary>
/// <remarks>Medians, because one run that hung an hour must not make the next slow one look usual. Most branches have a run or two, so
/// its memory grows with what is added. Not thread-safe.</remarks>
internal sealed class Baseline(int most)
{
    /// <summary>Fewer say nothing.</summary>
    public const int Fewest = 5;

    // Sources cut times to seconds, so that equal durations are common; a spread of nothing would make any difference infinite.
    private const double LeastSpread = 0.01;

    private const int FewOnStack = 64;

    private double[] _inOrder = [];
    private double[] _sorted = [];
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
        else if (Count == _sorted.Length)
        {
            var room = Math.Min(most, Math.Max(Fewest - 1, Count * 2));
            Array.Resize(ref _inOrder, room);
            Array.Resize(ref _sorted, room);
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
        var deviations = Count <= FewOnStack ? stackalloc double[Count] : new double[Count];
        for (var i = 0; i < deviations.Length; i++)
        {
            deviations[i] = Math.Abs(_sorted[i] - median);
        }

        deviations.Sort();
        return Math.Max(Statistics.NormalSpread * Statistics.Median(deviations), Math.Max(median * LeastSpread, 0.001));
    }

    /// <summary>How many spreads a duration is above the median; negative below.</summary>
    public double ScoreOf(double seconds) => (seconds - Median) / Spread();
}
