using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Flyball.Metrics.Pages;

namespace Flyball.Bench.Metrics;

/// <summary>
/// Speed and size of the value encodings on seven shapes of series, the xor chain (Gorilla's) as the baseline:
/// <c>dotnet run -c Release --project bench/Flyball.Bench -- --filter '*ColumnBenchmarks*' --job short</c>.
/// </summary>
/// <remarks>A page of 480 values: what two hours hold at 15 s. Times are per value.</remarks>
[Config(typeof(SizeConfig))]
[MemoryDiagnoser(displayGenColumns: false)]
public class ColumnBenchmarks
{
    private const int Count = 480;

    private readonly double[] _decoded = new double[Count];
    private readonly ByteWriter _scratch = new(Count * 10);
    private double[] _values = [];
    private byte[] _column = [], _chain = [];

    [ParamsSource(nameof(Shapes))]
    public string Shape { get; set; } = "";

    public static IEnumerable<string> Shapes => Enum.GetNames<SeriesShapes.Shape>();

    [GlobalSetup]
    public void Prepare()
    {
        _values = ValuesOf(Shape);
        _column = Encode(_values);
        _chain = EncodeChain(_values);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void DecodeXor()
    {
        var from = new ByteReader(_chain);
        XorColumn.Decode(ref from, MemoryMarshal.Cast<double, ulong>(_decoded.AsSpan()));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Decode()
    {
        var from = new ByteReader(_column);
        DoubleColumn.Decode(ref from, _decoded);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void EncodeXor()
    {
        _scratch.Clear();
        XorColumn.Encode(MemoryMarshal.Cast<double, ulong>(_values), _scratch);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void EncodeOpenHead()
    {
        _scratch.Clear();
        DoubleColumn.Encode(_values, _scratch, thorough: false);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void EncodeForBlock()
    {
        _scratch.Clear();
        DoubleColumn.Encode(_values, _scratch, thorough: true);
    }

    private static double[] ValuesOf(string shape) => SeriesShapes.Column(Enum.Parse<SeriesShapes.Shape>(shape), Count, seed: 7);

    private static byte[] Encode(double[] values)
    {
        var to = new ByteWriter();
        DoubleColumn.Encode(values, to, thorough: true);
        return to.Written.ToArray();
    }

    private static byte[] EncodeChain(double[] values)
    {
        var to = new ByteWriter();
        XorColumn.Encode(MemoryMarshal.Cast<double, ulong>(values), to);
        return to.Written.ToArray();
    }

    // Sizes are facts of a shape, not measurements: they are computed once more for the table.
    private sealed class SizeConfig : ManualConfig
    {
        public SizeConfig() => AddColumn(new SizeColumn("bytes/value", Encode), new SizeColumn("xor bytes/value", EncodeChain));
    }

    private sealed class SizeColumn(string name, Func<double[], byte[]> encode) : IColumn
    {
        public string Id => name;

        public string ColumnName => name;

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => $"{name}: {Count} values, header included";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
            $"{encode(ValuesOf((string)benchmarkCase.Parameters[nameof(Shape)])).Length / (double)Count:F3}";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public bool IsAvailable(Summary summary) => true;
    }
}
