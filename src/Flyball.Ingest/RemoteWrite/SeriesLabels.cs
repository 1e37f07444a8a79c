using System.Text.Unicode;
using Flyball.Model.Labels;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Collects the labels of one series as canonical bytes; they arrive sorted, so that is one copy.</summary>
/// <remarks>Reused series after series. Not thread-safe.</remarks>
internal sealed class SeriesLabels
{
    private readonly LabelSetBuilder _sorter = new();
    private byte[] _encoded = new byte[512];
    private int _length;
    private int _lastNameStart, _lastNameLength;
    private bool _sorted;
    private bool _named;

    /// <summary>What is wrong with the labels, or null; known once <see cref="Finish"/> was called.</summary>
    public string? Problem { get; private set; }

    /// <summary>The canonical bytes; they die at the next <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.AsSpan(0, _length);

    /// <summary>Starts a series.</summary>
    public void Begin()
    {
        _length = 0;
        _lastNameLength = 0;
        _sorted = true;
        _named = false;
        Problem = null;
    }

    /// <summary>Adds a label; one with an empty value is none.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || !Utf8.IsValid(name) || !Utf8.IsValid(value))
        {
            Problem ??= "invalid metric name or labels";
            return;
        }

        _sorted &= _lastNameLength == 0 || _encoded.AsSpan(_lastNameStart, _lastNameLength).SequenceCompareTo(name) < 0;
        if (value.IsEmpty)
        {
            return;
        }

        _named |= name.SequenceEqual("__name__"u8);
        EnsureRoom(name.Length + value.Length + 10);
        Write(name);
        (_lastNameStart, _lastNameLength) = (_length - name.Length, name.Length);
        Write(value);
    }

    /// <summary>Checks the labels and sorts them if they were not.</summary>
    public void Finish()
    {
        if (!_sorted)
        {
            Sort();
        }

        Problem ??= _named ? null : "missing metric name";
    }

    private void Sort()
    {
        _sorter.Clear();
        for (var label = new LabelSet.Enumerator(Encoded); label.MoveNext();)
        {
            _sorter.Append(label.Current.Name, label.Current.Value);
        }

        var sorted = _sorter.BuildEncoded(out var duplicate);
        sorted.CopyTo(_encoded);
        _length = sorted.Length;
        if (duplicate is not null)
        {
            Problem ??= $"invalid labels for series, duplicated label {duplicate}";
        }
    }

    private void EnsureRoom(int count)
    {
        if (_encoded.Length - _length < count)
        {
            Array.Resize(ref _encoded, Math.Max(_encoded.Length * 2, _length + count));
        }
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        var rest = (uint)text.Length;
        while (rest >= 0x80)
        {
            _encoded[_length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _encoded[_length++] = (byte)rest;
        text.CopyTo(_encoded.AsSpan(_length));
        _length += text.Length;
    }

    /// <summary>The labels as text, for messages.</summary>
    public override string ToString() => LabelSet.FromEncoded(Encoded).ToString();
}
