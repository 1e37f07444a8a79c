using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Step;

/// <summary>A span with attributes of a vendor's own, as text by key; the span's before its resource's.</summary>
internal sealed class VendorSpan
{
    private readonly SpanBatch _batch;
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _resource;

    public VendorSpan(SpanBatch batch, in SpanRow row, IReadOnlyDictionary<string, string> resource)
    {
        _batch = batch;
        Row = row;
        _resource = resource;
        Read(batch, row.Attributes, _own);
    }

    public SpanRow Row { get; }

    public string Name => _batch.Text(Row.Name);

    /// <summary>Whether the span says something itself under keys that begin like this.</summary>
    public bool Has(string prefix) => _own.Keys.Any(k => k.StartsWith(prefix, StringComparison.Ordinal));

    public string? this[string key] => _own.GetValueOrDefault(key) ?? _resource.GetValueOrDefault(key);

    public string? Own(string key) => _own.GetValueOrDefault(key);

    public long? Integer(string key) => long.TryParse(this[key], out var value) ? value : null;

    /// <summary>The life an ended span tells of.</summary>
    /// <param name="result">By the vendor's words; null = by the span's status.</param>
    public LifeFact Life(RunResult? result)
    {
        var known = result ?? (Row.Status == SpanStatus.Error ? RunResult.Failure : RunResult.Success);
        return new LifeFact
        {
            State = RunState.Finished,
            Result = known,
            ErrorType = known.IsBad() ? Own("error.type") ?? "_OTHER" : null,
            StartedAt = Row.Start,
            FinishedAt = Row.End > Row.Start ? Row.End : Row.Start,
        };
    }

    /// <summary>The attributes of a resource.</summary>
    public static Dictionary<string, string> ReadResource(SpanBatch batch, int resource)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        Read(batch, batch.Resources[resource].Attributes, read);
        return read;
    }

    private static void Read(SpanBatch batch, RowRange range, Dictionary<string, string> to)
    {
        foreach (ref readonly var attribute in batch.Attributes.Slice(range.Start, range.Count))
        {
            var value = attribute.Value.Kind switch
            {
                AttributeKind.Text => batch.Text(attribute.Value.Slice),
                AttributeKind.Integer => $"{attribute.Value.Integer}",
                AttributeKind.Boolean => attribute.Value.Boolean ? "true" : "false",
                _ => "",
            };
            if (value.Length > 0)
            {
                to[batch.Text(attribute.Key)] = value;
            }
        }
    }
}
