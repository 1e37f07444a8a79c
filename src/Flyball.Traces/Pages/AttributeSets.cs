using Flyball.Model.Spans;

namespace Flyball.Traces.Pages;

/// <summary>The attributes of the rows of one table: which keys a row has is its shape, the values lie in one column.</summary>
/// <remarks>
/// <code>
/// row i:  shape[i] → (key, kind)*     values[start[i] …]: one per key; a string id for text and nested values, else the bits
/// </code>
/// Spans of one kind share a shape, so a row costs its values and two numbers.
/// </remarks>
internal sealed class AttributeSets(int capacity = 0)
{
    public Column<int> Shapes { get; } = new(capacity);

    public Column<int> Starts { get; } = new(capacity);

    public Column<long> Values { get; } = new(capacity * 4);

    /// <summary>Packs a key and the kind of its value into one number of a shape.</summary>
    public static long Slot(int key, AttributeKind kind) => ((long)key << 3) | (long)kind;

    public static int KeyOf(long slot) => (int)(slot >> 3);

    public static AttributeKind KindOf(long slot) => (AttributeKind)(slot & 7);

    /// <summary>Whether values of this kind are string ids.</summary>
    public static bool IsString(AttributeKind kind) =>
        kind is AttributeKind.Text or AttributeKind.Array or AttributeKind.Map or AttributeKind.Bytes;

    public void Add(int shape, ReadOnlySpan<long> values)
    {
        Shapes.Add(shape);
        Starts.Add(Values.Count);
        Values.AddRange(values);
    }

    public ReadOnlySpan<long> ValuesOf(int row, SequenceTable shapes) =>
        Values.Items.Slice(Starts[row], shapes[Shapes[row]].Length);
}
