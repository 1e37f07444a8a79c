namespace Flyball.Bench.Peers.Tables;

/// <summary>How numbers are written, and what is compared with what.</summary>
internal static class Figures
{
    public static string Mebibytes(double bytes) => $"{bytes / (1 << 20):F0}";

    public static string Milliseconds(double ms) => ms switch { < 10 => $"{ms:F2}", < 100 => $"{ms:F1}", _ => $"{ms:F0}" };

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public static double GeometricMean(IEnumerable<double> values)
    {
        var logarithms = values.Where(v => v > 0).Select(v => Math.Log(v)).ToArray();
        return logarithms.Length == 0 ? double.NaN : Math.Exp(logarithms.Average());
    }
}
