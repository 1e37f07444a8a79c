using System.Text;
using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>The columns that must be decoded to evaluate expressions on single spans.</summary>
internal sealed class NeededColumns
{
    private readonly PageParts _parts;
    private readonly List<byte[]> _keys = [];

    /// <summary>Collects what expressions ask.</summary>
    /// <param name="also">Columns wanted besides.</param>
    public NeededColumns(IEnumerable<Expression> expressions, PageParts also = PageParts.None)
    {
        _parts = also;
        foreach (var field in expressions.SelectMany(Fields.Of))
        {
            _parts |= field is AttributeField attribute ? PartsOf(attribute) : PartsOf(((IntrinsicField)field).Intrinsic);
        }
    }

    /// <summary>The choice in terms of a segment's strings.</summary>
    public ColumnChoice In(IStringSource strings) => new(_parts, [.. _keys.Select(k => strings.Find(k))]);

    private PageParts PartsOf(AttributeField field)
    {
        if (field.Scope is AttributeScope.Any or AttributeScope.Span)
        {
            _keys.Add(Encoding.UTF8.GetBytes(field.Name));
        }

        return field.Scope switch
        {
            AttributeScope.Any => PageParts.Attributes | PageParts.Resource,
            AttributeScope.Span => PageParts.Attributes,
            AttributeScope.Resource => PageParts.Resource,
            AttributeScope.Instrumentation => PageParts.Scope,
            AttributeScope.Event => PageParts.Events,
            _ => PageParts.Events | PageParts.Links,
        };
    }

    private static PageParts PartsOf(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Duration or Intrinsic.TraceId => PageParts.None,
        Intrinsic.Name => PageParts.Name,
        Intrinsic.Status => PageParts.Status,
        Intrinsic.StatusMessage => PageParts.StatusMessage,
        Intrinsic.Kind => PageParts.Kind,
        Intrinsic.SpanId or Intrinsic.ParentId => PageParts.SpanIds,
        Intrinsic.ScopeName or Intrinsic.ScopeVersion => PageParts.Scope,
        Intrinsic.EventName or Intrinsic.EventTimeSinceStart => PageParts.Events,
        Intrinsic.LinkTraceId or Intrinsic.LinkSpanId => PageParts.Events | PageParts.Links,
        _ => PageParts.All, // fields of the whole trace: whoever asks for them reads whole traces
    };
}
