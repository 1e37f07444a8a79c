namespace Flyball.Bench.Peers.Workload;

/// <summary>The values of one series, step by step; the same seed gives the same walk on every machine.</summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state, so a million walks are cheap.</remarks>
internal struct ValueWalk
{
    private readonly ValueShape _shape;
    private readonly int _share;
    private ulong _state;
    private double _value;

    /// <summary>Begins a walk.</summary>
    /// <param name="share">For buckets: of 1000 observations, how many fall into this bucket or a lower one.</param>
    public ValueWalk(ValueShape shape, ulong seed, int share = 1000)
    {
        _shape = shape;
        _share = share;
        _state = seed;
        _value = shape switch
        {
            ValueShape.Constant => Next(3) == 0 ? Next(1 << 20) : 0,
            ValueShape.One => 1,
            ValueShape.Bytes => (1L << 32) + (Next(1 << 18) * 4096L),
            ValueShape.Level => Next(20),
            ValueShape.Load => Next(400) / 100.0,
            ValueShape.Sawtooth => 40 + (Next(40) / 2.0),
            ValueShape.Bucket => 0,
            _ => Next(1_000_000),
        };
    }

    /// <summary>The next value.</summary>
    /// <param name="atMs">Its time in UTC milliseconds.</param>
    public double Step(long atMs)
    {
        _value = _shape switch
        {
            ValueShape.Constant or ValueShape.One => _value,
            ValueShape.Counter => _value + Next(100_000),
            ValueShape.SlowCounter => _value + (Next(20) == 0 ? 1 : 0),
            ValueShape.Seconds => Math.Round(_value + (Next(1500) / 100.0), 2),
            ValueShape.NanoSeconds => Math.Round(_value + (Next(1_000_000_000) / 1e9), 9),
            ValueShape.Bytes => Math.Abs(_value + ((Next(4000) - 2000) * 4096L)),
            ValueShape.Level => Math.Max(0, _value + Next(5) - 2),
            ValueShape.Load => Math.Round(Math.Abs(_value + ((Next(41) - 20) / 100.0)), 2),
            ValueShape.Sawtooth => _value >= 80 ? 40 : _value + (Next(4) / 2.0),
            ValueShape.Raw => (Mix() >> 11) * (1.0 / (1UL << 53)),
            ValueShape.Clock => (atMs / 1000.0) + (Next(1000) / 1e6),
            ValueShape.Bucket => _value + (Next(8) * _share / 1000),
            _ => throw new InvalidOperationException($"shape {_shape} has no step"),
        };
        return _value;
    }

    private int Next(int below) => (int)((Mix() >> 32) * (ulong)below >> 32);

    private ulong Mix()
    {
        var z = _state += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return z ^ (z >> 31);
    }
}
