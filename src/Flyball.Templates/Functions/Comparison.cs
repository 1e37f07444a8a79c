using Flyball.Templates.Values;

namespace Flyball.Templates.Functions;

/// <summary>Go's <c>eq</c> and <c>lt</c>: only values of one kind compare; 1 and 1.0 do not.</summary>
internal static class Comparison
{
    private enum Kind
    {
        Invalid,
        Boolean,
        Integer,
        Float,
        Text,
        Other,
    }

    public static bool AreEqual(object? a, object? b)
    {
        if (a is null || b is null)
        {
            return a is null && b is null;
        }

        var kind = KindOf(a);
        if (kind == Kind.Other || KindOf(b) == Kind.Other)
        {
            return a is ITemplateObject && b is ITemplateObject && a.GetType() == b.GetType()
                ? a.Equals(b)
                : throw new TemplateFunctionException($"non-comparable type {GoValue.Print(a)}: {GoValue.TypeName(a)}");
        }

        RequireSame(kind, KindOf(b));
        return kind switch
        {
            Kind.Integer => CompareIntegers(a, b) == 0,
            Kind.Float => (double)a == (double)b,
            Kind.Text => GoValue.Print(a) == GoValue.Print(b),
            _ => (bool)a == (bool)b,
        };
    }

    public static bool IsLess(object? a, object? b)
    {
        var (kind, other) = (KindOf(a), KindOf(b));
        if (kind is Kind.Invalid or Kind.Boolean or Kind.Other || other is Kind.Invalid or Kind.Other)
        {
            throw new TemplateFunctionException("invalid type for comparison");
        }

        RequireSame(kind, other);
        return kind switch
        {
            Kind.Integer => CompareIntegers(a!, b!) < 0,
            Kind.Float => (double)a! < (double)b!,
            _ => string.CompareOrdinal(GoValue.Print(a), GoValue.Print(b)) < 0,
        };
    }

    private static void RequireSame(Kind a, Kind b)
    {
        if (a != b)
        {
            throw new TemplateFunctionException("incompatible types for comparison");
        }
    }

    private static int CompareIntegers(object a, object b) => ToWide(a).CompareTo(ToWide(b));

    private static Int128 ToWide(object value) => value switch
    {
        long n => n,
        ulong n => n,
        GoDuration d => d.Nanoseconds,
        GoEnum e => e.Number,
        _ => 0,
    };

    private static Kind KindOf(object? value) => value switch
    {
        null => Kind.Invalid,
        bool => Kind.Boolean,
        long or ulong or GoDuration or GoEnum => Kind.Integer,
        double => Kind.Float,
        string or SafeHtml => Kind.Text,
        _ => Kind.Other,
    };
}
