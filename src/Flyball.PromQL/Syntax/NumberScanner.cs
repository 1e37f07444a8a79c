namespace Flyball.PromQL.Syntax;

/// <summary>Finds the end of a number or duration in a query, by the rules of Prometheus' lexer.</summary>
internal ref struct NumberScanner(ReadOnlySpan<byte> text, int start)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly int _start = start;

    /// <summary>Where the scan stands.</summary>
    public int At { get; private set; } = start;

    /// <summary>Reads decimal, exponent, hexadecimal and underscored forms; what follows must not be a letter.</summary>
    public bool TryNumber()
    {
        var digits = "0123456789"u8;
        if (Accept("0"u8) && Accept("xX"u8))
        {
            Accept("_"u8);
            digits = "0123456789abcdefABCDEF"u8;
        }

        Accept("."u8);
        Accept(digits);
        if (!TryTail(digits))
        {
            return false;
        }

        return At != _start && !IsWord(Peek());
    }

    /// <summary>Reads on after a failed number: a unit, then further numbers with units.</summary>
    public bool TryRestOfDuration()
    {
        if (!Accept("smhdwy"u8))
        {
            return false;
        }

        Accept("s"u8);
        while (Accept("0123456789"u8))
        {
            while (Accept("0123456789"u8))
            {
            }

            if (!Accept("smhdw"u8))
            {
                return false;
            }

            Accept("s"u8);
        }

        if (IsWord(Peek()))
        {
            At++;
            return false;
        }

        return true;
    }

    private readonly int Peek() => At < _text.Length ? _text[At] : -1;

    private static bool IsWord(int c) => c is '_' or (>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private bool TryTail(ReadOnlySpan<byte> digits)
    {
        var dot = false;
        var exponent = false;
        while (true)
        {
            var c = Peek();
            if (c == '.')
            {
                At++;
                if (dot || Accept("_."u8) || digits.Length > 10)
                {
                    return false;
                }

                dot = true;
            }
            else if (c is 'e' or 'E' && digits.Length == 10)
            {
                At++;
                if (exponent)
                {
                    return false;
                }

                exponent = true;
                Accept("+-"u8);
                if (Accept("._eE"u8) || Peek() < 0)
                {
                    return false;
                }
            }
            else if (c == '_')
            {
                At++;
                if (Accept("._eE"u8) || Peek() < 0)
                {
                    return false;
                }
            }
            else if (c >= 0 && digits.Contains((byte)c))
            {
                At++;
            }
            else
            {
                return true;
            }
        }
    }

    private bool Accept(ReadOnlySpan<byte> set)
    {
        if (At < _text.Length && set.Contains(_text[At]))
        {
            At++;
            return true;
        }

        return false;
    }
}
