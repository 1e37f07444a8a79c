using System.Buffers.Text;
using System.Text;
using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Search;

/// <summary>A search made ready for one set of string ids: texts are looked up once, rows are compared by number.</summary>
internal sealed class PageFilter
{
    private readonly TraceSearch _search;
    private readonly int _name = -1;
    private readonly Condition[] _conditions;

    private PageFilter(TraceSearch search, IStringSource strings)
    {
        _search = search;
        _name = search.Name is null ? -1 : strings.Find(Encoding.UTF8.GetBytes(search.Name));
        var conditions = new List<Condition>();
        if (search.Service is { } service)
        {
            conditions.Add(new Condition(strings, "service.name", service, ResourceOnly: true));
        }

        conditions.AddRange(search.Attributes.Select(a => new Condition(strings, a.Key, a.Value, ResourceOnly: false)));
        _conditions = [.. conditions];
    }

    /// <summary>Makes a search ready; null when no span with these strings can match.</summary>
    public static PageFilter? Prepare(TraceSearch search, IStringSource strings)
    {
        var filter = new PageFilter(search, strings);
        var isHopeless = (search.Name is not null && filter._name < 0) || filter._conditions.Any(c => !c.CanMatch);
        return isHopeless ? null : filter;
    }

    /// <summary>Strings that every page with a match holds.</summary>
    public IEnumerable<int> NeededStrings()
    {
        if (_name > 0)
        {
            yield return _name;
        }

        foreach (var condition in _conditions)
        {
            yield return condition.Key;
            if (condition.MustBeText)
            {
                yield return condition.Text;
            }
        }
    }

    public bool Matches(SpanPage page, int row)
    {
        var start = page.Start[row];
        if (start < _search.From.Value || start > _search.Until.Value)
        {
            return false;
        }

        if ((_search.Name is not null && page.Name[row] != _name) || (_search.Status is { } status && page.Status[row] != (int)status))
        {
            return false;
        }

        if (_search.MinDurationNs is not null || _search.MaxDurationNs is not null)
        {
            var duration = page.DurationOf(row);
            if (duration < (_search.MinDurationNs ?? 0) || duration > (_search.MaxDurationNs ?? ulong.MaxValue))
            {
                return false;
            }
        }

        foreach (var condition in _conditions)
        {
            if (!condition.Matches(page, row))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An attribute that must have a value.</summary>
    private sealed class Condition(IStringSource strings, string key, string value, bool ResourceOnly)
    {
        private readonly bool _resourceOnly = ResourceOnly;
        private readonly byte[] _value = Encoding.UTF8.GetBytes(value);
        private readonly bool _couldBeOther =
            value is "true" or "false" or "" || double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _);

        public int Key { get; } = strings.Find(Encoding.UTF8.GetBytes(key));

        public int Text { get; } = strings.Find(Encoding.UTF8.GetBytes(value));

        /// <summary>Whether only a text can be equal to the value, no number and no boolean.</summary>
        public bool MustBeText => !_couldBeOther;

        public bool CanMatch => Key >= 0 && (Text >= 0 || _couldBeOther);

        public bool Matches(SpanPage page, int row)
        {
            if (!_resourceOnly)
            {
                var slots = page.Shapes[page.Attributes.Shapes[row]];
                if (Find(slots, page.Attributes.ValuesOf(row, page.Shapes)) is { } onSpan)
                {
                    return onSpan;
                }
            }

            var resource = page.Resources[page.Resource[row]];
            return Find(page.Shapes[(int)resource[2]], resource[SpanPage.ResourceHead..]) ?? false;
        }

        // From the back: of duplicate keys the last one counts.
        private bool? Find(ReadOnlySpan<long> slots, ReadOnlySpan<long> values)
        {
            for (var i = slots.Length - 1; i >= 0; i--)
            {
                if (AttributeSets.KeyOf(slots[i]) == Key)
                {
                    return IsEqual(AttributeSets.KindOf(slots[i]), values[i]);
                }
            }

            return null;
        }

        private bool IsEqual(AttributeKind kind, long bits) => kind switch
        {
            AttributeKind.Text => bits == Text,
            AttributeKind.Boolean => _value.AsSpan().SequenceEqual(bits != 0 ? "true"u8 : "false"u8),
            AttributeKind.Integer => Utf8Parser.TryParse(_value, out long number, out var used) && used == _value.Length && number == bits,
            AttributeKind.Double => Utf8Parser.TryParse(_value, out double number, out var used) && used == _value.Length
                && number.Equals(BitConverter.Int64BitsToDouble(bits)),
            _ => false,
        };
    }
}
