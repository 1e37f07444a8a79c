namespace Flyball.Metrics.Pages;

/// <summary>How residuals are written: packed in equal widths, or coded by frequency where that saves enough.</summary>
/// <param name="Coded">Null when packed.</param>
/// <param name="Bits">What it costs.</param>
internal readonly record struct ResidualForm(PackedForm Packed, CodedForm? Coded, long Bits)
{
    // Packed columns decode several times faster: coding must save a few in a hundred, and only where there is something to save.
    private const double WorthCoding = 0.96;
    private const int LeastBits = 512;

    /// <summary>Chooses by cost.</summary>
    /// <param name="packed">The best packed form of these residuals.</param>
    /// <param name="leastBits">The cheapest packed form of any shape of the column: one far above it is not looked at.</param>
    public static ResidualForm Choose(ReadOnlySpan<ulong> values, PackedForm packed, long leastBits, bool thorough)
    {
        if (!thorough || packed.Bits < LeastBits || packed.Bits > leastBits + (leastBits / 2))
        {
            return new ResidualForm(packed, null, packed.Bits);
        }

        var coded = CodedForm.Choose(values);
        return coded.Bits < packed.Bits * WorthCoding
            ? new ResidualForm(packed, coded, coded.Bits)
            : new ResidualForm(packed, null, packed.Bits);
    }
}
