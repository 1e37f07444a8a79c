using System.Buffers.Binary;
using System.Text;

namespace Flyball.Model.Labels;

/// <summary>The identity of a series (or of an alert, an exemplar, a target): label names with their values, immutable.</summary>
/// <remarks>
/// Held as its canonical encoding, because most label sets of a large store are only ever hashed, compared and copied:
/// <code>
/// { uvarint name length, name, uvarint value length, value }*      UTF-8, names rising bytewise, each once, no empty value
/// </code>
/// Order is that of Prometheus: names and values compared bytewise in turn, a prefix before its extensions.
/// </remarks>
public sealed class LabelSet : IEquatable<LabelSet>, IComparable<LabelSet>
{
    /// <summary>The label that holds the metric's name.</summary>
    public const string MetricNameLabel = "__name__";

    /// <summary>No labels.</summary>
    public static readonly LabelSet Empty = new([]);

    private readonly byte[] _encoded;

    // Many sets are read once and never looked up; 0 = not computed yet.
    private ulong _hash;

    private LabelSet(byte[] encoded) => _encoded = encoded;

    /// <summary>The canonical bytes.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>A hash of the canonical bytes, the same in every process and version.</summary>
    public ulong Hash => _hash != 0 ? _hash : _hash = HashOf(_encoded);

    /// <summary>Whether there is no label.</summary>
    public bool IsEmpty => _encoded.Length == 0;

    /// <summary>Number of labels; walks the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in this)
            {
                count++;
            }

            return count;
        }
    }

    /// <summary>The metric's name, or "".</summary>
    public string MetricName => this[MetricNameLabel];

    /// <summary>The value of a label; "" when the label is absent, which means the same everywhere in Prometheus.</summary>
    public string this[string name]
    {
        get
        {
            Span<byte> utf8 = stackalloc byte[256];
            var bytes = Encoding.UTF8.TryGetBytes(name, utf8, out var written) ? utf8[..written] : Encoding.UTF8.GetBytes(name);
            return TryGet(bytes, out var value) ? Encoding.UTF8.GetString(value) : "";
        }
    }

    /// <summary>A set from pairs in any order; empty values are left out.</summary>
    /// <exception cref="ArgumentException">A name occurs twice or is empty.</exception>
    public static LabelSet Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var builder = new LabelSetBuilder();
        foreach (var (name, value) in labels)
        {
            if (builder.Contains(name))
            {
                throw new ArgumentException($"label \"{name}\" is given twice", nameof(labels));
            }

            builder.Set(name, value);
        }

        return builder.Build();
    }

    /// <summary>A set from bytes that are canonical already; they are copied, not checked.</summary>
    public static LabelSet FromEncoded(ReadOnlySpan<byte> encoded) => encoded.IsEmpty ? Empty : new(encoded.ToArray());

    /// <summary>The hash of canonical bytes.</summary>
    /// <remarks>Multiply-fold over 8-byte words (the mixing step of wyhash): label sets are short, so start-up cost
    /// matters more than throughput.</remarks>
    public static ulong HashOf(ReadOnlySpan<byte> encoded)
    {
        const ulong First = 0xa076_1d64_78bd_642f, Second = 0xe703_7ed1_a0b4_28db;
        var hash = First ^ (ulong)encoded.Length;
        while (encoded.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(encoded), Second);
            encoded = encoded[8..];
        }

        ulong tail = 0;
        for (var i = encoded.Length - 1; i >= 0; i--)
        {
            tail = (tail << 8) | encoded[i];
        }

        return Mix(hash ^ tail, First);
    }

    /// <summary>Finds the value of a label by the UTF-8 bytes of its name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var label in this)
        {
            var order = label.Name.SequenceCompareTo(name);
            if (order == 0)
            {
                value = label.Value;
                return true;
            }

            if (order > 0)
            {
                break;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The set with one label added or changed; for several at once there is <see cref="LabelSetBuilder"/>.</summary>
    /// <param name="name">UTF-8, not empty.</param>
    /// <param name="value">UTF-8; if it is empty the label goes away.</param>
    public LabelSet With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var before = 0;
        for (var walk = GetEnumerator(); walk.MoveNext();)
        {
            var order = walk.Current.Name.SequenceCompareTo(name);
            if (order > 0)
            {
                break;
            }

            var end = _encoded.Length - walk.Left;
            if (order == 0)
            {
                return Replaced(before, end, name, value);
            }

            before = end;
        }

        return Replaced(before, before, name, value);
    }

    /// <summary>Walks the labels in order of their names.</summary>
    public Enumerator GetEnumerator() => new(_encoded);

    /// <summary>The labels as strings, in order of their names; for edges of the program, not for hot paths.</summary>
    public IEnumerable<KeyValuePair<string, string>> AsPairs()
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var label in this)
        {
            pairs.Add(new(label.NameText, label.ValueText));
        }

        return pairs;
    }

    /// <inheritdoc />
    public bool Equals(LabelSet? other) =>
        other is not null
        && (_hash == other._hash || _hash == 0 || other._hash == 0)
        && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc />
    public override int GetHashCode() => (int)Hash;

    /// <inheritdoc />
    public int CompareTo(LabelSet? other)
    {
        if (other is null)
        {
            return 1;
        }

        return Compare(_encoded, other._encoded);
    }

    /// <summary>Orders canonical bytes as their label sets.</summary>
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        // Neighbours share most of their bytes: texts that end before the first difference are stepped over. The length of each text comes
        // first in the bytes, so plain byte order would put "z" before "aa": the first texts that differ are compared by themselves.
        var same = a.CommonPrefixLength(b);
        var at = 0;
        while (at < same)
        {
            var end = at + 1 + a[at];
            if (a[at] >= 0x80)
            {
                var rest = a[at..];
                end = at + (rest.Length - AfterText(rest).Length);
            }

            if (end > same)
            {
                break;
            }

            at = end;
        }

        if (at == a.Length || at == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return new Enumerator(a[at..]).Take().SequenceCompareTo(new Enumerator(b[at..]).Take());
    }

    /// <summary>As PromQL writes it: <c>name{a="b", c="d"}</c>; names that need it are quoted.</summary>
    public override string ToString() => LabelText.Format(this);

    private LabelSet Replaced(int from, int until, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        const int LongestLength = 5;
        Span<byte> lengths = stackalloc byte[2 * LongestLength];
        var ofName = WriteLength(name.Length, lengths);
        var ofValue = WriteLength(value.Length, lengths[LongestLength..]);
        var added = value.IsEmpty ? 0 : ofName + name.Length + ofValue + value.Length;
        var encoded = new byte[_encoded.Length - (until - from) + added];
        _encoded.AsSpan(0, from).CopyTo(encoded);
        _encoded.AsSpan(until).CopyTo(encoded.AsSpan(from + added));
        if (added > 0)
        {
            var to = encoded.AsSpan(from);
            lengths[..ofName].CopyTo(to);
            name.CopyTo(to[ofName..]);
            to = to[(ofName + name.Length)..];
            lengths.Slice(LongestLength, ofValue).CopyTo(to);
            value.CopyTo(to[ofValue..]);
        }

        return encoded.Length == 0 ? Empty : new LabelSet(encoded);
    }

    private static int WriteLength(int length, Span<byte> to)
    {
        var at = 0;
        var rest = (uint)length;
        for (; rest >= 0x80; rest >>= 7)
        {
            to[at++] = (byte)(rest | 0x80);
        }

        to[at++] = (byte)rest;
        return at;
    }

    private static ReadOnlySpan<byte> AfterText(ReadOnlySpan<byte> encoded)
    {
        var walk = new Enumerator(encoded);
        walk.Take();
        return walk.Rest;
    }

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    /// <summary>Walks canonical bytes label by label.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        /// <summary>Starts before the first label.</summary>
        public Enumerator(ReadOnlySpan<byte> encoded) => _rest = encoded;

        /// <summary>The label the walk stands on.</summary>
        public Label Current { get; private set; }

        /// <summary>Bytes that have not been walked.</summary>
        public readonly int Left => _rest.Length;

        /// <summary>What has not been walked.</summary>
        internal readonly ReadOnlySpan<byte> Rest => _rest;

        /// <summary>Goes on to the next label.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            Current = new Label(Take(), Take());
            return true;
        }

        internal ReadOnlySpan<byte> Take()
        {
            int length = _rest[0];
            var at = 1;
            if (length >= 0x80)
            {
                length = TakeLongLength(out at);
            }

            var text = _rest.Slice(at, length);
            _rest = _rest[(at + length)..];
            return text;
        }

        private readonly int TakeLongLength(out int at)
        {
            at = 0;
            var length = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = _rest[at++];
                length |= (next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return length;
                }
            }
        }
    }
}

/// <summary>One label of a set that is being walked: UTF-8 bytes that live as long as the set does.</summary>
public readonly ref struct Label(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    /// <summary>The name, UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The value, UTF-8, never empty.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The name as a string.</summary>
    public string NameText => Encoding.UTF8.GetString(Name);

    /// <summary>The value as a string.</summary>
    public string ValueText => Encoding.UTF8.GetString(Value);
}
