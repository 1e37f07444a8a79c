using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary>Sum or mean of histograms, rounding errors kept in a histogram of their own.</summary>
internal sealed class HistogramSumming(bool average)
{
    private NativeHistogram? _sum;
    private NativeHistogram? _error;
    private int _count;
    private bool _incremental;
    private bool _sawReset;
    private bool _sawNotReset;

    /// <summary>One histogram said "reset", another "not reset".</summary>
    public bool HintsCollide => _sawReset && _sawNotReset;

    public bool BoundsReconciled { get; private set; }

    /// <summary>Adds a histogram.</summary>
    /// <returns>False if its kind of buckets is another.</returns>
    public bool TryAdd(NativeHistogram next)
    {
        _sawReset |= next.ResetHint == CounterResetHint.Reset;
        _sawNotReset |= next.ResetHint == CounterResetHint.NotReset;
        _count++;
        if (_sum is null)
        {
            _sum = next;
            return true;
        }

        if (average && !_incremental)
        {
            if (HistogramArithmetic.TryCombine(_sum, next, subtract: false) is not { } plain)
            {
                return false;
            }

            if (HistogramArithmetic.HasOverflow(plain.Value) && !HistogramArithmetic.HasOverflow(_sum))
            {
                _incremental = true;
                _sum = HistogramArithmetic.Divide(_sum, _count - 1);
                _error = _error is null ? null : HistogramArithmetic.Divide(_error, _count - 1);
            }
        }

        if (_incremental)
        {
            var share = (_count - 1.0) / _count;
            _sum = HistogramArithmetic.Multiply(_sum, share);
            _error = _error is null ? null : HistogramArithmetic.Multiply(_error, share);
            next = HistogramArithmetic.Divide(next, _count);
        }

        return TryAccumulate(next);
    }

    /// <summary>The sum or mean so far.</summary>
    public NativeHistogram Result()
    {
        var divisor = average && !_incremental ? _count : 1;
        var sum = divisor == 1 ? _sum! : HistogramArithmetic.Divide(_sum!, divisor);
        if (_error is null)
        {
            return HistogramArithmetic.Compact(sum);
        }

        var error = divisor == 1 ? _error : HistogramArithmetic.Divide(_error, divisor);
        return HistogramArithmetic.TryCombine(sum, error, subtract: false)!.Value;
    }

    private bool TryAccumulate(NativeHistogram next)
    {
        if (HistogramArithmetic.TryCombine(_sum!, next, subtract: false) is not { } total)
        {
            return false;
        }

        var error = HistogramArithmetic.TryCombine(_sum!, next, Kahan.Error)!.Value;
        _error = _error is null ? error : HistogramArithmetic.TryCombine(_error, error, subtract: false)!.Value;
        _sum = total.Value;
        BoundsReconciled |= total.BoundsReconciled;
        return true;
    }
}
