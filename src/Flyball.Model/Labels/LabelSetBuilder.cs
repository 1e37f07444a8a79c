using System.Text;

namespace Flyball.Model.Labels;

/// <summary>Builds label sets one after the other: start from a set or from nothing, change labels, build.</summary>
/// <remarks>Keeps its memory between builds; <see cref="Clear"/> starts over. Not thread-safe.</remarks>
public sealed class LabelSetBuilder
{
    private readonly List<Entry> _entries = [];
    private byte[] _arena = new byte[256];
    private int _used;

    /// <summary>Number of labels so far, those with empty values not counted.</summary>
    public int Count => _entries.Count;

    /// <summary>Forgets every label.</summary>
    public LabelSetBuilder Clear()
    {
        _entries.Clear();
        _used = 0;
        return this;
    }

    /// <summary>Forgets every label and takes those of a set.</summary>
    public LabelSetBuilder Start(LabelSet from)
    {
        Clear();
        foreach (var label in from)
        {
            Append(label.Name, label.Value);
        }

        return this;
    }

    /// <summary>Sets a label; an empty value removes it.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public LabelSetBuilder Set(string name, string value)
    {
        var at = Reserve(Encoding.UTF8.GetMaxByteCount(name.Length) + Encoding.UTF8.GetMaxByteCount(value.Length));
        var nameLength = Encoding.UTF8.GetBytes(name, _arena.AsSpan(at));
        var valueLength = Encoding.UTF8.GetBytes(value, _arena.AsSpan(at + nameLength));
        Replace(at, nameLength, valueLength);
        return this;
    }

    /// <summary>Sets a label from UTF-8 bytes, which are copied; an empty value removes it.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public LabelSetBuilder Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var at = Reserve(name.Length + value.Length);
        name.CopyTo(_arena.AsSpan(at));
        value.CopyTo(_arena.AsSpan(at + name.Length));
        Replace(at, name.Length, value.Length);
        return this;
    }

    /// <summary>Adds a label whose name is known not to be in yet; the caller vouches for that (parsers check once at the end).</summary>
    public void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        var at = Reserve(name.Length + value.Length);
        name.CopyTo(_arena.AsSpan(at));
        value.CopyTo(_arena.AsSpan(at + name.Length));
        _used = at + name.Length + value.Length;
        _entries.Add(new Entry(at, name.Length, value.Length));
    }

    /// <summary>Takes a label away.</summary>
    public LabelSetBuilder Remove(string name)
    {
        var index = IndexOf(Encoding.UTF8.GetBytes(name));
        if (index >= 0)
        {
            _entries.RemoveAt(index);
        }

        return this;
    }

    /// <summary>Whether the label is there.</summary>
    public bool Contains(string name) => IndexOf(Encoding.UTF8.GetBytes(name)) >= 0;

    /// <summary>The value of a label, "" if absent.</summary>
    public string Get(string name)
    {
        var index = IndexOf(Encoding.UTF8.GetBytes(name));
        return index < 0 ? "" : Encoding.UTF8.GetString(ValueOf(_entries[index]));
    }

    /// <summary>The labels so far as strings, sorted by name; a copy.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToPairs() => [.. Build().AsPairs()];

    /// <summary>The set of the labels so far; the builder goes on unchanged.</summary>
    public LabelSet Build() => LabelSet.FromEncoded(BuildEncoded(out _));

    /// <summary>The canonical bytes of the labels so far; they die at the next call.</summary>
    /// <param name="duplicate">The name that was appended twice, or null.</param>
    public ReadOnlySpan<byte> BuildEncoded(out string? duplicate)
    {
        duplicate = null;
        _entries.Sort(CompareNames);
        var size = 0;
        for (var i = 0; i < _entries.Count; i++)
        {
            size += _entries[i].NameLength + _entries[i].ValueLength + 10;
            if (i > 0 && NameOf(_entries[i - 1]).SequenceEqual(NameOf(_entries[i])))
            {
                duplicate = Encoding.UTF8.GetString(NameOf(_entries[i]));
            }
        }

        var start = Reserve(size);
        var at = start;
        foreach (var entry in _entries)
        {
            at = Write(at, entry.At, entry.NameLength);
            at = Write(at, entry.At + entry.NameLength, entry.ValueLength);
        }

        return _arena.AsSpan(start, at - start);
    }

    private int Write(int at, int from, int length)
    {
        var rest = (uint)length;
        while (rest >= 0x80)
        {
            _arena[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _arena[at++] = (byte)rest;
        Buffer.BlockCopy(_arena, from, _arena, at, length);
        return at + length;
    }

    private void Replace(int at, int nameLength, int valueLength)
    {
        if (nameLength == 0)
        {
            throw new ArgumentException("a label needs a name");
        }

        _used = at + nameLength + valueLength;
        var index = IndexOf(_arena.AsSpan(at, nameLength));
        if (valueLength == 0)
        {
            if (index >= 0)
            {
                _entries.RemoveAt(index);
            }

            return;
        }

        var entry = new Entry(at, nameLength, valueLength);
        if (index >= 0)
        {
            _entries[index] = entry;
        }
        else
        {
            _entries.Add(entry);
        }
    }

    private int Reserve(int count)
    {
        if (_arena.Length - _used < count)
        {
            Array.Resize(ref _arena, Math.Max(_arena.Length * 2, _used + count));
        }

        return _used;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (NameOf(_entries[i]).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    private int CompareNames(Entry a, Entry b) => NameOf(a).SequenceCompareTo(NameOf(b));

    private ReadOnlySpan<byte> NameOf(Entry entry) => _arena.AsSpan(entry.At, entry.NameLength);

    private ReadOnlySpan<byte> ValueOf(Entry entry) => _arena.AsSpan(entry.At + entry.NameLength, entry.ValueLength);

    private readonly record struct Entry(int At, int NameLength, int ValueLength);
}
