using Flyball.Model.Labels;

namespace Flyball.Bench.Metrics;

/// <summary>Made-up targets in the proportions of a node exporter: what most stores hold most of.</summary>
internal sealed class SeriesShapes
{
    private const int SeriesPerTarget = 1000;

    private readonly Random _random = new(1);
    private readonly double[] _values;
    private readonly Shape[] _shapes;

    public SeriesShapes(int count)
    {
        Labels = new LabelSet[count];
        _values = new double[count];
        _shapes = new Shape[count];
        for (var i = 0; i < count; i++)
        {
            var number = i % SeriesPerTarget;
            _shapes[i] = ShapeOf(number);
            Labels[i] = LabelSet.Of(
                ("__name__", $"node_{_shapes[i].ToString().ToLowerInvariant()}_{number / 8}_total"),
                ("instance", $"10.0.{i / SeriesPerTarget / 250}.{i / SeriesPerTarget % 250}:9100"),
                ("job", "node"),
                ("device", $"dev{number % 8}"),
                ("datacenter", "eu-central-1a"),
                ("cluster", "production"));
            _values[i] = StartOf(_shapes[i]);
        }
    }

    public enum Shape
    {
        Constant,
        Counter,
        SlowCounter,
        Seconds,
        Bytes,
        Decimal,
        Random,
    }

    public LabelSet[] Labels { get; }

    /// <summary>The next value of a series.</summary>
    public double Next(int series) => _values[series] = Step(_shapes[series], _values[series]);

    public static double[] Column(Shape shape, int count, int seed)
    {
        var shapes = new SeriesShapes(1);
        var random = new Random(seed);
        for (var i = 0; i < seed % 100; i++)
        {
            shapes._random.Next();
        }

        shapes._values[0] = shapes.StartOf(shape);
        var column = new double[count];
        for (var i = 0; i < count; i++)
        {
            column[i] = shapes._values[0] = shapes.Step(shape, shapes._values[0]);
        }

        return random.Next() == 0 ? [] : column;
    }

    private static Shape ShapeOf(int number) => (number % 20) switch
    {
        < 7 => Shape.Constant,
        < 11 => Shape.Counter,
        < 14 => Shape.SlowCounter,
        < 16 => Shape.Seconds,
        < 18 => Shape.Bytes,
        < 19 => Shape.Decimal,
        _ => Shape.Random,
    };

    private double StartOf(Shape shape) => shape switch
    {
        Shape.Constant => _random.Next(0, 3),
        Shape.Bytes => 8_000_000_000,
        _ => _random.Next(0, 1_000_000),
    };

    private double Step(Shape shape, double value) => shape switch
    {
        Shape.Constant => value,
        Shape.Counter => value + _random.Next(0, 1000),
        Shape.SlowCounter => value + (_random.Next(0, 20) == 0 ? 1 : 0),
        Shape.Seconds => Math.Round(value + (_random.Next(0, 1500) / 100.0), 2),
        Shape.Bytes => value + (_random.Next(-2000, 2000) * 4096L),
        Shape.Decimal => _random.Next(0, 800) / 100.0,
        _ => value + _random.NextDouble(),
    };
}
