using System.Text;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Keeps or removes a fixed set of labels, on canonical bytes.</summary>
/// <remarks>Labels are walked in order beside the sorted names: no strings, no dictionary. Thread-safe.</remarks>
internal sealed class LabelProjection
{
    private readonly byte[][] _names;
    private readonly bool _keep;

    public LabelProjection(IEnumerable<string> names, bool keep)
    {
        _names = [.. names.Distinct().Select(Encoding.UTF8.GetBytes)];
        Array.Sort(_names, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        _keep = keep;
    }

    /// <summary>Whether nothing is ever left.</summary>
    public bool IsEmpty => _keep && _names.Length == 0;

    /// <summary>Whether name, type and unit never are among what is left.</summary>
    public bool DropsMetadata => _keep && !Array.Exists(_names, n => MetadataLabels.IsOne(n));

    /// <summary>Writes what is left of the labels.</summary>
    /// <param name="scratch">Grown where needed.</param>
    /// <returns>The bytes; they die at the next use of the scratch.</returns>
    public ReadOnlySpan<byte> Apply(LabelSet labels, ref byte[] scratch)
    {
        var encoded = labels.Encoded;
        if (scratch.Length < encoded.Length)
        {
            scratch = new byte[Math.Max(encoded.Length, 256)];
        }

        var used = 0;
        var next = 0;
        var rest = encoded;
        while (!rest.IsEmpty && !(_keep && next == _names.Length))
        {
            var start = rest;
            var name = Take(ref rest);
            Take(ref rest);
            var order = 1;
            while (next < _names.Length && (order = _names[next].AsSpan().SequenceCompareTo(name)) < 0)
            {
                next++;
            }

            var listed = next < _names.Length && order == 0;
            if (listed == _keep)
            {
                var length = start.Length - rest.Length;
                start[..length].CopyTo(scratch.AsSpan(used));
                used += length;
            }
        }

        return scratch.AsSpan(0, used);
    }

    /// <summary>The labels that are left.</summary>
    public LabelSet Apply(LabelSet labels)
    {
        byte[] scratch = [];
        return LabelSet.FromEncoded(Apply(labels, ref scratch));
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        int length = rest[0];
        if (length < 0x80)
        {
            var text = rest.Slice(1, length);
            rest = rest[(length + 1)..];
            return text;
        }

        return TakeLong(ref rest);
    }

    private static ReadOnlySpan<byte> TakeLong(ref ReadOnlySpan<byte> rest)
    {
        var length = 0;
        var at = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = rest[at++];
            length |= (next & 0x7f) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        var text = rest.Slice(at, length);
        rest = rest[(at + length)..];
        return text;
    }
}

/// <summary>The labels that say what a metric is rather than which series: its name and, as a feature, type and unit.</summary>
internal static class MetadataLabels
{
    public const string Type = "__type__", Unit = "__unit__";

    private static readonly LabelProjection Dropper = new([LabelSet.MetricNameLabel, Type, Unit], keep: false);

    /// <summary>The labels without name, type and unit.</summary>
    public static LabelSet Drop(LabelSet labels)
    {
        // Both "__name__" and its relatives sort before nearly every other label, so the first one tells.
        foreach (var label in labels)
        {
            if (!label.Name.StartsWith("__"u8) && label.Name.SequenceCompareTo("__unit__"u8) > 0)
            {
                break;
            }

            if (IsOne(label.Name))
            {
                return Dropper.Apply(labels);
            }
        }

        return labels;
    }

    /// <summary>Whether a label is the name, the type or the unit.</summary>
    public static bool IsOne(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("__name__"u8) || name.SequenceEqual("__type__"u8) || name.SequenceEqual("__unit__"u8);

    /// <summary>Whether a text may be a label's name: anything but nothing, and UTF-8.</summary>
    public static bool IsValidName(string name)
    {
        for (var i = 0; i < name.Length;)
        {
            if (Rune.DecodeFromUtf16(name.AsSpan(i), out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            i += length;
        }

        return name.Length > 0;
    }
}
