namespace Flyball.Traces.TraceQL.Values;

/// <summary>What the operators do with values. Rules: Tempo documentation, "TraceQL".</summary>
internal static class Operators
{
    /// <summary>Compares two values; values of types that do not go together are neither equal nor unequal: false.</summary>
    public static bool Compare(string op, in Value left, in Value right)
    {
        if (left.Kind == ValueKind.List)
        {
            return right.Kind != ValueKind.List && CompareList(op, left, right);
        }

        if (right.Kind == ValueKind.List)
        {
            return CompareList(Mirror(op), right, left);
        }

        if (left.IsNumber && right.IsNumber)
        {
            return left.Kind != ValueKind.Float && right.Kind != ValueKind.Float
                ? Holds(op, left.Bits.CompareTo(right.Bits))
                : CompareFloats(op, left.Number, right.Number);
        }

        if (left.Kind != right.Kind)
        {
            return false;
        }

        return left.Kind switch
        {
            ValueKind.Text => Holds(op, CompareBytes(left.Text, right.Text)),
            ValueKind.Boolean or ValueKind.Status or ValueKind.Kind => op switch
            {
                "=" => left.Bits == right.Bits,
                "!=" => left.Bits != right.Bits,
                _ => false,
            },
            _ => false,
        };
    }

    /// <summary>Calculates; nil when the operands are no numbers.</summary>
    /// <exception cref="TraceQLException">An integer is divided by zero.</exception>
    public static Value Calculate(string op, in Value left, in Value right)
    {
        if (!left.IsNumber || !right.IsNumber)
        {
            return Value.Nil;
        }

        if (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float)
        {
            return OfKindOf(left, right, Calculate(op, left.Number, right.Number));
        }

        if (right.Bits == 0 && (op is "/" or "%"))
        {
            throw new TraceQLException("an integer is divided by zero");
        }

        long result;
        unchecked
        {
            result = op switch
            {
                "+" => left.Bits + right.Bits,
                "-" => left.Bits - right.Bits,
                "*" => left.Bits * right.Bits,
                "/" => right.Bits == -1 ? -left.Bits : left.Bits / right.Bits,
                "%" => right.Bits == -1 ? 0 : left.Bits % right.Bits,
                _ => (long)Math.Pow(left.Bits, right.Bits),
            };
        }

        return left.Kind == ValueKind.Duration || right.Kind == ValueKind.Duration ? Value.OfDuration(result) : Value.Of(result);
    }

    /// <summary>The negative of a number; nil for anything else.</summary>
    public static Value Negate(in Value operand) => operand.Kind switch
    {
        ValueKind.Integer => Value.Of(unchecked(-operand.Bits)),
        ValueKind.Duration => Value.OfDuration(unchecked(-operand.Bits)),
        ValueKind.Float => Value.Of(-operand.Number),
        _ => Value.Nil,
    };

    // Of a list: positive operators hold if any element does, negative ones if every element does.
    private static bool CompareList(string op, in Value list, in Value other)
    {
        var items = list.Items;
        foreach (var item in items)
        {
            if (Compare(op, item, other) != (op == "!="))
            {
                return op != "!=";
            }
        }

        return op == "!=" && items.Count > 0;
    }

    private static string Mirror(string op) => op switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => op,
    };

    private static bool Holds(string op, int order) => op switch
    {
        "=" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static bool CompareFloats(string op, double left, double right) => op switch
    {
        "=" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    };

    private static double Calculate(string op, double left, double right) => op switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        _ => Math.Pow(left, right),
    };

    private static Value OfKindOf(in Value left, in Value right, double result) =>
        left.Kind == ValueKind.Duration || right.Kind == ValueKind.Duration ? Value.OfDuration((long)result) : Value.Of(result);

    // UTF-16 order differs from byte order only where surrogates meet the characters above them.
    private static int CompareBytes(string left, string right)
    {
        var order = string.CompareOrdinal(left, right);
        if (order == 0)
        {
            return 0;
        }

        var at = left.AsSpan().CommonPrefixLength(right);
        if (at < left.Length && at < right.Length && char.IsSurrogate(left[at]) != char.IsSurrogate(right[at]))
        {
            return char.IsSurrogate(left[at]) ? 1 : -1;
        }

        return order;
    }
}
