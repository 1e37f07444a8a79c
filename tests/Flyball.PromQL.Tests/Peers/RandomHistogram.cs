using Flyball.Model.Histograms;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>A native histogram that changes from sample to sample as an instrumented program's would.</summary>
/// <param name="mayRebucket">Whether custom bounds may change with a restart.</param>
/// <param name="low">What buckets hold at a restart.</param>
internal sealed class RandomHistogram(Random random, int schema, bool mayRebucket, double low)
{
    private const int Buckets = 6;

    private readonly bool _custom = schema == NativeHistogram.CustomBucketsSchema;

    private static readonly double[][] Bounds = [[0.1, 0.5, 1, 2.5, 10], [0.1, 0.5, 1, 5, 10], [0.1, 1, 10]];

    private readonly double[] _positive = new double[Buckets];
    private readonly double[] _negative = new double[Buckets];
    private readonly int _offset = random.Next(-3, 3);
    private double[] _bounds = Bounds[0];
    private double _zero;
    private bool _fresh = true;
    private double _sum;

    /// <summary>The next sample.</summary>
    public NativeHistogram Next(bool isGauge)
    {
        if (_fresh || random.Next(30) == 0)
        {
            _fresh = false;
            Restart();
        }

        var used = _custom ? _bounds.Length + 1 : Buckets;
        for (var o = random.Next(5); o > 0; o--)
        {
            ref var bucket = ref _positive[random.Next(used)];
            bucket = isGauge && bucket > 0 && random.Next(3) == 0 ? bucket - 1 : bucket + 1;
            _sum += random.NextDouble();
        }

        if (!_custom && random.Next(3) == 0)
        {
            _zero++;
            _negative[random.Next(Buckets)]++;
            _sum -= random.NextDouble();
        }

        return _custom ? MakeCustom(used) : MakeExponential(isGauge);
    }

    private void Restart()
    {
        _positive.AsSpan().Fill(low);
        _negative.AsSpan().Fill(low);
        (_zero, _sum, _bounds) = (0, 0, mayRebucket ? Bounds[random.Next(Bounds.Length)] : _bounds);
    }

    private NativeHistogram MakeCustom(int used) => new()
    {
        Schema = NativeHistogram.CustomBucketsSchema,
        Count = _positive.AsSpan(0, used).ToArray().Sum(),
        Sum = _sum,
        CustomBounds = _bounds,
        PositiveSpans = [new BucketSpan(0, (uint)used)],
        PositiveBuckets = _positive[..used],
    };

    private NativeHistogram MakeExponential(bool isGauge) => new()
    {
        Schema = schema,
        Count = _positive.Sum() + _negative.Sum() + _zero,
        Sum = _sum,
        ZeroThreshold = 0.001,
        ZeroCount = _zero,
        PositiveSpans = [new BucketSpan(_offset, 2), new BucketSpan(1, Buckets - 2)],
        PositiveBuckets = [.. _positive],
        NegativeSpans = [new BucketSpan(0, Buckets)],
        NegativeBuckets = [.. _negative],
        ResetHint = isGauge ? CounterResetHint.Gauge : CounterResetHint.Unknown,
    };
}
