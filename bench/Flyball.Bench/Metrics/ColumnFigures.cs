using System.Diagnostics;
using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;

namespace Flyball.Bench.Metrics;

/// <summary>Bytes per value and speed of the value encodings on seven shapes, beside the xor chain.</summary>
internal static class ColumnFigures
{
    private const int Count = 480;

    public static void Print()
    {
        Console.WriteLine($"{"shape",-14} {"bytes/value",11} {"xor",6} {"encode ns",10} {"decode ns",10} {"xor decode ns",14}");
        foreach (var shape in Enum.GetValues<SeriesShapes.Shape>())
        {
            var values = SeriesShapes.Column(shape, Count, seed: 7);
            var column = new ByteWriter();
            DoubleColumn.Encode(values, column, thorough: true);
            var chain = new ByteWriter();
            XorColumn.Encode(MemoryMarshal.Cast<double, ulong>(values), chain);
            var back = new double[Count];
            var encode = Time(() =>
            {
                column.Clear();
                DoubleColumn.Encode(values, column, thorough: true);
            });
            var decode = Time(() =>
            {
                var from = new ByteReader(column.Written);
                DoubleColumn.Decode(ref from, back);
            });
            var decodeChain = Time(() =>
            {
                var from = new ByteReader(chain.Written);
                XorColumn.Decode(ref from, MemoryMarshal.Cast<double, ulong>(back.AsSpan()));
            });
            Console.WriteLine(
                $"{shape,-14} {column.Length / (double)Count,11:F3} {chain.Length / (double)Count,6:F2} {encode,10:F1} {decode,10:F2} {decodeChain,14:F2}");
        }
    }

    // Nanoseconds per value.
    private static double Time(Action act)
    {
        for (var i = 0; i < 300; i++)
        {
            act();
        }

        const int Rounds = 1000;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Rounds; i++)
        {
            act();
        }

        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / Rounds / Count;
    }
}
