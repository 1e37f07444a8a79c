using System.Globalization;
using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Spans;
using Flyball.Traces.Bytes;

namespace Flyball.Traces.SpanMetrics;

/// <summary>The attributes of a span that become labels: as bytes of a key for every span, as labels once per series.</summary>
internal sealed class SpanLabels(IReadOnlyList<string> dimensions, IReadOnlySet<string> taken)
{
    private readonly (byte[] Key, string Label)[] _dimensions = [.. dimensions.Select(d => (Encoding.UTF8.GetBytes(d), LabelOf(d, taken)))];

    /// <summary>The text of a resource's attribute, empty when it has none.</summary>
    public static ReadOnlySpan<byte> OfResource(SpanBatch batch, in SpanRow span, ReadOnlySpan<byte> key) =>
        batch.Find(batch.Resources[span.Resource].Attributes, key) is { Kind: AttributeKind.Text } value ? batch.Bytes(value.Slice) : default;

    /// <summary>Appends what the dimensions of a span are.</summary>
    public void AppendKey(SpanBatch batch, in SpanRow span, ByteWriter key)
    {
        foreach (var (name, _) in _dimensions)
        {
            var value = Find(batch, span, name);
            key.Byte((byte)(value is { } present ? 1 + (int)present.Kind : 0));
            if (value is { } known)
            {
                key.UInt64((ulong)known.Bits);
                AppendText(key, batch.Bytes(known.Slice));
            }
        }
    }

    /// <summary>Sets the labels of the dimensions; a missing value sets none.</summary>
    /// <param name="prefix">Of the labels' names.</param>
    public void Set(SpanBatch batch, in SpanRow span, LabelSetBuilder labels, string prefix = "")
    {
        foreach (var (name, label) in _dimensions)
        {
            if (Find(batch, span, name) is { } value)
            {
                labels.Set(prefix + label, TextOf(batch, value));
            }
        }
    }

    /// <summary>Appends a text so that it cannot run into the next one.</summary>
    public static void AppendText(ByteWriter key, ReadOnlySpan<byte> text)
    {
        key.Varint((ulong)text.Length);
        key.Bytes(text);
    }

    /// <summary>A label name made of an attribute's: every other character becomes an underscore.</summary>
    public static string Sanitize(string attribute)
    {
        var name = new StringBuilder(attribute.Length);
        foreach (var c in attribute)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return name.Length > 0 && char.IsAsciiDigit(name[0]) ? "_" + name : name.ToString();
    }

    private static string LabelOf(string attribute, IReadOnlySet<string> taken)
    {
        var name = Sanitize(attribute);
        return taken.Contains(name) ? "__" + name : name;
    }

    private static AttributeValue? Find(SpanBatch batch, in SpanRow span, byte[] key) =>
        batch.Find(batch.Resources[span.Resource].Attributes, key) ?? batch.Find(span.Attributes, key);

    private static string TextOf(SpanBatch batch, in AttributeValue value) => value.Kind switch
    {
        AttributeKind.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        AttributeKind.Boolean => value.Boolean ? "true" : "false",
        AttributeKind.Double => Flyball.Model.Text.GoFloat.ToText(value.Double),
        AttributeKind.Text => batch.Text(value.Slice),
        _ => Convert.ToBase64String(batch.Bytes(value.Slice)),
    };
}
