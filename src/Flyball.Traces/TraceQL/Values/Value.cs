using System.Globalization;

namespace Flyball.Traces.TraceQL.Values;

/// <summary>Types of TraceQL.</summary>
internal enum ValueKind : byte
{
    /// <summary>There is no such attribute.</summary>
    Nil,
    Integer,
    Float,
    Duration,
    Text,
    Boolean,
    Status,
    Kind,

    /// <summary>Several values: arrays, and fields of events and links.</summary>
    List,
}

/// <summary>A value of a query: a constant, a field of a span, a result.</summary>
internal readonly record struct Value(ValueKind Kind, long Bits, object? Reference)
{
    public static readonly Value Nil;

    public bool IsNil => Kind == ValueKind.Nil;

    public bool IsNumber => Kind is ValueKind.Integer or ValueKind.Float or ValueKind.Duration;

    public double Number => Kind == ValueKind.Float ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    public bool IsTrue => Kind == ValueKind.Boolean && Bits != 0;

    public string Text => (string)Reference!;

    public IReadOnlyList<Value> Items => (IReadOnlyList<Value>)Reference!;

    public static Value Of(long value) => new(ValueKind.Integer, value, null);

    public static Value Of(double value) => new(ValueKind.Float, BitConverter.DoubleToInt64Bits(value), null);

    public static Value Of(bool value) => new(ValueKind.Boolean, value ? 1 : 0, null);

    public static Value Of(string value) => new(ValueKind.Text, 0, value);

    public static Value OfDuration(long ns) => new(ValueKind.Duration, ns, null);

    public static Value OfStatus(int status) => new(ValueKind.Status, status, null);

    public static Value OfKind(int kind) => new(ValueKind.Kind, kind, null);

    public static Value OfList(IReadOnlyList<Value> items) => new(ValueKind.List, 0, items);

    /// <summary>As people write it.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Nil => "nil",
        ValueKind.Integer => Bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Float => Number.ToString("R", CultureInfo.InvariantCulture),
        ValueKind.Duration => DurationText.Format(Bits),
        ValueKind.Text => Text,
        ValueKind.Boolean => Bits != 0 ? "true" : "false",
        ValueKind.Status => Keywords.StatusText(Bits),
        ValueKind.Kind => Keywords.KindText(Bits),
        _ => "[" + string.Join(", ", Items) + "]",
    };
}
