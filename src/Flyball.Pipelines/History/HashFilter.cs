namespace Flyball.Pipelines.History;

/// <summary>A small set of hashes that may be asked "is it in there?": a no is certain, one yes in a hundred is wrong.</summary>
/// <remarks>Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970: ten bits and four probes per entry.</remarks>
internal sealed class HashFilter
{
    private readonly ulong[] _bits;

    public HashFilter(int count) => _bits = new ulong[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count * 10 / 64))];

    public void Add(ulong hash)
    {
        for (var probe = 0; probe < 4; probe++)
        {
            var bit = Bit(hash, probe);
            _bits[bit >> 6] |= 1UL << (int)(bit & 63);
        }
    }

    public bool MayContain(ulong hash)
    {
        for (var probe = 0; probe < 4; probe++)
        {
            var bit = Bit(hash, probe);
            if ((_bits[bit >> 6] & (1UL << (int)(bit & 63))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    // The hashes are parts of SHA-256, so their bits may be used as they are.
    private ulong Bit(ulong hash, int probe) => ((hash >> (probe * 16)) | (hash << (64 - (probe * 16)))) & (((ulong)_bits.Length * 64) - 1);
}
