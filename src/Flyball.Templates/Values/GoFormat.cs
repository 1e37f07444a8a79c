using System.Globalization;
using System.Text;

namespace Flyball.Templates.Values;

/// <summary>Go's <c>Sprintf</c> and <c>Sprint</c>, for the kinds of values templates hold.</summary>
internal ref struct GoFormat
{
    // Go refuses larger ones too.
    private const int MaxSize = 1_000_000;

    private readonly string _format;
    private readonly IReadOnlyList<object?> _arguments;
    private readonly StringBuilder _text;
    private int _at;
    private int _next;
    private bool _reordered;
    private bool _badIndex;

    private GoFormat(string format, IReadOnlyList<object?> arguments)
    {
        _format = format;
        _arguments = arguments;
        _text = new StringBuilder(format.Length + 32);
    }

    /// <summary>Formats; mistakes in the format appear in the text, as in Go: <c>%!d(string=hi)</c>.</summary>
    public static string Format(string format, IReadOnlyList<object?> arguments) => new GoFormat(format, arguments).Run();

    /// <summary>Prints values; a space stands between two neighbours if neither is a string.</summary>
    public static string Print(IReadOnlyList<object?> arguments)
    {
        var text = new StringBuilder();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i > 0 && arguments[i] is not string && arguments[i - 1] is not string)
            {
                text.Append(' ');
            }

            text.Append(GoValue.Print(arguments[i]));
        }

        return text.ToString();
    }

    private string Run()
    {
        while (_at < _format.Length)
        {
            var percent = _format.IndexOf('%', _at);
            if (percent < 0)
            {
                _text.Append(_format, _at, _format.Length - _at);
                break;
            }

            _text.Append(_format, _at, percent - _at);
            _at = percent + 1;
            Directive();
        }

        if (!_reordered && _next < _arguments.Count)
        {
            AppendExtra();
        }

        return _text.ToString();
    }

    private void Directive()
    {
        var spec = new Spec();
        for (; _at < _format.Length && "#0+- ".Contains(_format[_at]); _at++)
        {
            spec = spec.WithFlag(_format[_at]);
        }

        ReadIndex();
        spec.Width = ReadSize("%!(BADWIDTH)");
        if (spec.Width < -1)
        {
            spec.Width = -spec.Width;
            spec = spec.WithFlag('-');
        }

        if (_at < _format.Length && _format[_at] == '.')
        {
            _at++;
            ReadIndex();
            spec.Precision = Math.Max(ReadSize("%!(BADPREC)"), 0);
        }

        ReadIndex();
        if (_at >= _format.Length)
        {
            _text.Append("%!(NOVERB)");
            return;
        }

        Rune.TryGetRuneAt(_format, _at, out var verb);
        _at += verb.Value == 0 ? 1 : verb.Utf16SequenceLength;
        AppendVerb(verb, spec);
        _badIndex = false;
    }

    private void AppendVerb(Rune verb, Spec spec)
    {
        if (verb.Value == '%')
        {
            _text.Append('%');
        }
        else if (_badIndex)
        {
            _text.Append("%!").Append(verb.ToString()).Append("(BADINDEX)");
        }
        else if (_next >= _arguments.Count)
        {
            _text.Append("%!").Append(verb.ToString()).Append("(MISSING)");
        }
        else
        {
            _text.Append(GoVerb.Format((char)verb.Value, spec, _arguments[_next++]));
        }
    }

    // "[2]": the argument to take next, counted from 1.
    private void ReadIndex()
    {
        if (_at >= _format.Length || _format[_at] != '[')
        {
            return;
        }

        _reordered = true;
        var close = _format.IndexOf(']', _at);
        if (close < 0)
        {
            _badIndex = true;
            _at++;
            return;
        }

        var isNumber = int.TryParse(_format.AsSpan(_at + 1, close - _at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        _badIndex = !isNumber || index < 1 || index > _arguments.Count;
        _next = _badIndex ? _next : index - 1;
        _at = close + 1;
    }

    // -1 when none is given.
    private int ReadSize(string complaint)
    {
        if (_at < _format.Length && _format[_at] == '*')
        {
            _at++;
            if (_next < _arguments.Count && _arguments[_next++] is long size && Math.Abs(size) <= MaxSize)
            {
                return (int)size;
            }

            _text.Append(complaint);
            return -1;
        }

        var start = _at;
        var value = 0;
        for (; _at < _format.Length && char.IsAsciiDigit(_format[_at]); _at++)
        {
            value = Math.Min((value * 10) + (_format[_at] - '0'), MaxSize + 1);
        }

        return _at == start || value > MaxSize ? -1 : value;
    }

    private readonly void AppendExtra()
    {
        _text.Append("%!(EXTRA ");
        for (var i = _next; i < _arguments.Count; i++)
        {
            _text.Append(i > _next ? ", " : "");
            _text.Append(_arguments[i] is null ? "<nil>" : GoValue.TypeName(_arguments[i]) + "=" + GoValue.Print(_arguments[i]));
        }

        _text.Append(')');
    }

    /// <summary>Flags, width and precision of one directive.</summary>
    internal record struct Spec()
    {
        public bool Minus { get; set; }

        public bool Plus { get; set; }

        public bool Sharp { get; set; }

        public bool Space { get; set; }

        public bool Zero { get; set; }

        public int Width { get; set; } = -1;

        public int Precision { get; set; } = -1;

        public readonly Spec WithFlag(char flag) => flag switch
        {
            '-' => this with { Minus = true, Zero = false },
            '+' => this with { Plus = true },
            '#' => this with { Sharp = true },
            ' ' => this with { Space = true },
            _ => this with { Zero = !Minus },
        };
    }
}
