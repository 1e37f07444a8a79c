using System.Globalization;
using System.Text;

namespace Flyball.Model.Histograms;

/// <summary>Native histograms as text, the way Prometheus prints them. Prometheus documentation, "Native histograms".</summary>
public static class HistogramText
{
    /// <summary>Writes <c>{count:3, sum:4.5, (1,2]:3}</c>; empty buckets are left out.</summary>
    public static string Format(NativeHistogram histogram)
    {
        var text = new StringBuilder();
        text.Append("{count:").Append(Number(histogram.Count)).Append(", sum:").Append(Number(histogram.Sum));
        foreach (var bucket in HistogramBuckets.All(histogram))
        {
            if (bucket.Count != 0)
            {
                text.Append(", ").Append(bucket.ToString());
            }
        }

        return text.Append('}').ToString();
    }

    /// <summary>A number as Go's %g writes it.</summary>
    internal static string Number(double value)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "+Inf" : "-Inf";
        }

        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }

        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (exponent is >= -4 and < 21)
        {
            return ((decimal.TryParse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
                ? exact.ToString(CultureInfo.InvariantCulture)
                : value.ToString("R", CultureInfo.InvariantCulture)));
        }

        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            scientific = value.ToString("E" + digits, CultureInfo.InvariantCulture);
            if (double.Parse(scientific, CultureInfo.InvariantCulture).Equals(value))
            {
                break;
            }
        }

        var e = scientific.IndexOf('E', StringComparison.Ordinal);
        var power = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{scientific[..e]}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}";
    }
}
