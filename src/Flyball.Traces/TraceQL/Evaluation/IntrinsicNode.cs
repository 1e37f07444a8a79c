using System.Text;
using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Reads a field that every span has.</summary>
internal sealed class IntrinsicNode(Intrinsic intrinsic, TextCache texts) : Node, ITextField
{
    public override Value Evaluate(in SpanContext span)
    {
        var (page, row) = (span.Page, span.Row);
        return intrinsic switch
        {
            Intrinsic.Duration => Value.OfDuration((long)page.DurationOf(row)),
            Intrinsic.Name => Value.Of(texts[page.Strings, page.Name[row]]),
            Intrinsic.Status => Value.OfStatus(page.Status[row]),
            Intrinsic.StatusMessage => Value.Of(texts[page.Strings, page.StatusMessage[row]]),
            Intrinsic.Kind => Value.OfKind(page.Kind[row]),
            Intrinsic.SpanId => Value.Of(page.SpanId[row].ToString("x16")),
            Intrinsic.ParentId => Value.Of(page.ParentId[row] == 0 ? "" : page.ParentId[row].ToString("x16")),
            Intrinsic.TraceId => Value.Of(page.TraceOf(row).ToString()),
            Intrinsic.ScopeName => Value.Of(texts[page.Strings, (int)page.Scopes[page.Scope[row]][0]]),
            Intrinsic.ScopeVersion => Value.Of(texts[page.Strings, (int)page.Scopes[page.Scope[row]][1]]),
            Intrinsic.EventName or Intrinsic.EventTimeSinceStart => ReadEvents(page, row),
            Intrinsic.LinkTraceId or Intrinsic.LinkSpanId => ReadLinks(page, row),
            _ => ReadTrace(span),
        };
    }

    public int TextId(in SpanContext span, out Value fallback)
    {
        fallback = Value.Nil;
        switch (intrinsic)
        {
            case Intrinsic.Name:
                return span.Page.Name[span.Row];
            case Intrinsic.StatusMessage:
                return span.Page.StatusMessage[span.Row];
            default:
                fallback = Evaluate(span);
                return -1;
        }
    }

    private Value ReadTrace(in SpanContext span)
    {
        if (span.Trace is not { } trace)
        {
            return Value.Nil;
        }

        return intrinsic switch
        {
            Intrinsic.ChildCount => Value.Of((long)trace.ChildCountOf(span.Index)),
            Intrinsic.TraceDuration => Value.OfDuration((long)trace.Duration),
            Intrinsic.NestedSetLeft => Value.Of((long)trace.Nested.LeftOf(span.Index)),
            Intrinsic.NestedSetRight => Value.Of((long)trace.Nested.RightOf(span.Index)),
            Intrinsic.NestedSetParent => Value.Of((long)trace.Nested.ParentOf(span.Index)),
            Intrinsic.RootName when trace.Root >= 0 => Value.Of(texts[trace[trace.Root].Page.Strings, NameId(trace[trace.Root])]),
            Intrinsic.RootService when trace.Root >= 0 => Value.Of(ServiceName.Of(trace[trace.Root].Page, trace[trace.Root].Row)),
            _ => Value.Nil,
        };
    }

    private static int NameId(SpanContext span) => span.Page.Name[span.Row];

    private Value ReadEvents(SpanPage page, int row)
    {
        var (from, until) = page.EventsOf(row);
        if (from == until)
        {
            return Value.Nil;
        }

        var values = new List<Value>(until - from);
        for (var i = from; i < until; i++)
        {
            values.Add(intrinsic == Intrinsic.EventName
                ? Value.Of(texts[page.Strings, page.Events.Name[i]])
                : Value.OfDuration((long)(page.Events.Time[i] - page.Start[row])));
        }

        return Value.OfList(values);
    }

    private Value ReadLinks(SpanPage page, int row)
    {
        var (from, until) = page.LinksOf(row);
        if (from == until)
        {
            return Value.Nil;
        }

        var values = new List<Value>(until - from);
        for (var i = from; i < until; i++)
        {
            values.Add(Value.Of(intrinsic == Intrinsic.LinkSpanId
                ? page.Links.SpanId[i].ToString("x16")
                : new TraceId(page.Links.TraceHigh[i], page.Links.TraceLow[i]).ToString()));
        }

        return Value.OfList(values);
    }
}

/// <summary>The service a span belongs to.</summary>
internal static class ServiceName
{
    /// <summary>Its resource's <c>service.name</c>, or "".</summary>
    public static string Of(SpanPage page, int row)
    {
        var resource = page.Resources[page.Resource[row]];
        var slots = page.Shapes[(int)resource[2]];
        for (var i = slots.Length - 1; i >= 0; i--)
        {
            if (AttributeSets.KindOf(slots[i]) == AttributeKind.Text
                && page.Strings[AttributeSets.KeyOf(slots[i])].SequenceEqual("service.name"u8))
            {
                return Encoding.UTF8.GetString(page.Strings[(int)resource[SpanPage.ResourceHead + i]]);
            }
        }

        return "";
    }
}
