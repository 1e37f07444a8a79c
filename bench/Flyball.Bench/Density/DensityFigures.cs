using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Pages;
using Flyball.Model.Samples;

namespace Flyball.Bench.Density;

/// <summary>Where the bytes of a block go: by part of the file and by metric family.</summary>
internal static class DensityFigures
{
    public static async Task PrintAsync(int targets, int samples, string? victoriaMetrics)
    {
        await PrintAsync("hosts", Fleet.OfHosts(targets, samples), victoriaMetrics);
        await PrintAsync("runners", Fleet.OfRunners(targets, samples), victoriaMetrics);
    }

    private static async Task PrintAsync(string name, Fleet fleet, string? victoriaMetrics)
    {
        var folder = Directory.CreateTempSubdirectory("flyball-density-").FullName;
        try
        {
            var count = fleet.Lines.Sum(l => (double)l.Values.Length);
            Console.WriteLine($"{name}: {fleet.Lines.Count} series, {count:N0} samples");
            PrintParts(fleet, Path.Combine(folder, "1.block"), count);
            PrintFamilies(fleet);
            if (victoriaMetrics is not null)
            {
                Console.WriteLine($"  VictoriaMetrics {await Victoria.SizeOfAsync(fleet, victoriaMetrics, Path.Combine(folder, "vm")) / count:F3} bytes per sample");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void PrintParts(Fleet fleet, string path, double count)
    {
        using var writer = new BlockWriter(PhysicalFileSystem.Instance, path, 1);
        foreach (var line in fleet.Lines)
        {
            writer.Announce(line.Labels.Encoded);
        }

        writer.BeginSeries();
        using var samples = new SampleColumns();
        foreach (var line in fleet.Lines)
        {
            samples.Clear();
            for (var i = 0; i < line.Values.Length; i++)
            {
                samples.Add(line.TimesMs[i], line.Values[i]);
            }

            writer.Add(line.Labels.Encoded, samples);
        }

        var length = writer.Finish(0, 1, 1, []);
        using var file = new BlockFile(PhysicalFileSystem.Instance, path);
        Console.WriteLine($"  Flyball {length / count:F3} bytes per sample; " + string.Join(", ", Enum.GetValues<BlockSection>().Select(s => $"{s} {file.SizeOf(s) / count:F4}")));
    }

    private static void PrintFamilies(Fleet fleet)
    {
        var families = new SortedDictionary<string, (long Bytes, long Samples)>(StringComparer.Ordinal);
        var column = new ByteWriter();
        foreach (var line in fleet.Lines)
        {
            column.Clear();
            for (var from = 0; from < line.Values.Length; from += 1024)
            {
                DoubleColumn.Encode(line.Values.AsSpan(from, Math.Min(1024, line.Values.Length - from)), column, thorough: true);
            }

            var (bytes, samples) = families.GetValueOrDefault(line.Family);
            families[line.Family] = (bytes + column.Length, samples + line.Values.Length);
        }

        foreach (var (family, (bytes, samples)) in families.OrderByDescending(f => f.Value.Bytes).Take(30))
        {
            Console.WriteLine($"    {family,-44} {bytes,10:N0} bytes {bytes * 8.0 / samples,7:F2} bits per sample");
        }
    }
}
