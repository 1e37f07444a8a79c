using System.Runtime.InteropServices;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Evaluation;

/// <summary>For each step the newest sample within the lookback, kept from series to series while their times are the same.</summary>
/// <remarks>One per worker.</remarks>
internal sealed class SampleOfStep
{
    private const int None = -1;

    private long[] _times = [];
    private int[] _places = [];

    /// <summary>Steps that have a sample.</summary>
    public int Found { get; private set; }

    /// <summary>Whether some values are no plain ones: then they must be looked at one by one.</summary>
    public static bool HasMarks(ReadOnlySpan<double> values) =>
        MemoryMarshal.Cast<double, ulong>(values).ContainsAny(StaleMarker.Bits, Absent.Bits);

    /// <summary>Finds the samples of all steps.</summary>
    public void Find(ReadOnlySpan<long> times, StepGrid grid, SelectorTiming timing, long lookbackMs)
    {
        if (_places.Length == grid.Count && times.SequenceEqual(_times))
        {
            return;
        }

        if (_times.Length != times.Length)
        {
            _times = new long[times.Length];
        }

        if (_places.Length != grid.Count)
        {
            _places = new int[grid.Count];
        }

        times.CopyTo(_times);
        Found = 0;
        var next = 0;
        var reference = timing.ReferenceOf(grid.StartMs);
        var distance = timing.DistanceOf(grid);
        for (var step = 0; step < _places.Length; step++, reference += distance)
        {
            while ((uint)next < (uint)times.Length && times[next] <= reference)
            {
                next++;
            }

            var isThere = next > 0 && times[next - 1] > reference - lookbackMs;
            _places[step] = isThere ? next - 1 : None;
            Found += isThere ? 1 : 0;
        }
    }

    /// <summary>Writes the value of each step.</summary>
    public void Pick(ReadOnlySpan<double> values, double[] column)
    {
        for (var step = 0; step < column.Length; step++)
        {
            var place = _places[step];
            column[step] = (uint)place < (uint)values.Length ? values[place] : Absent.Value;
        }
    }
}
