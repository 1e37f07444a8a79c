namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Start timestamps inside the chunks that have room for them: encodings 4 to 6. Prometheus documentation, "TSDB format".</summary>
/// <remarks>
/// <code>
/// header byte: bit 7 = the first sample's start is there; bits 6-0 = index of the first sample whose start differs, 0 = none
/// after sample 0: byte-wise varint, its time minus its start     from that index on: varbit, the time before minus the start,
///                                                                 first as it is, then as the change to the one before
/// </code>
/// </remarks>
internal struct StartTimes(byte header)
{
    private readonly bool _firstIsKnown = (header & 0x80) != 0;
    private readonly int _changesFrom = header & 0x7f;
    private long _start;
    private long _distance;

    /// <summary>Reads what stands behind a sample.</summary>
    /// <returns>When its counter started, UTC milliseconds; 0 = unknown.</returns>
    public long Read(ref ChunkBits bits, int sample, long timeBefore, long time)
    {
        if (sample == 0)
        {
            _start = _firstIsKnown ? time - bits.ReadVarint() : 0;
        }
        else if (_changesFrom > 0 && sample >= _changesFrom)
        {
            var number = bits.ReadVarbit();
            _distance = sample == _changesFrom ? number : _distance + number;
            _start = timeBefore - _distance;
        }

        return _start;
    }
}
