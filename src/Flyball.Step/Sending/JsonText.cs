using System.Globalization;
using System.Text;

namespace Flyball.Step.Sending;

/// <summary>Builds one JSON document by appending. Knows commas and escapes; the caller closes what he opens.</summary>
/// <remarks>A serializer would cost more to load than the step may take.</remarks>
internal sealed class JsonText
{
    private readonly StringBuilder _text = new(2048);
    private bool _needsComma;

    /// <summary>Opens an object, as a value or as an element.</summary>
    public JsonText Open() => Begin('{');

    /// <summary>Opens an array.</summary>
    public JsonText OpenList() => Begin('[');

    /// <summary>Closes an object.</summary>
    public JsonText Close() => End('}');

    /// <summary>Closes an array.</summary>
    public JsonText CloseList() => End(']');

    /// <summary>Begins a member.</summary>
    public JsonText Name(string name)
    {
        Separate();
        Escape(name);
        _text.Append(':');
        _needsComma = false;
        return this;
    }

    /// <summary>A text value.</summary>
    public JsonText Value(string value)
    {
        Separate();
        Escape(value);
        _needsComma = true;
        return this;
    }

    /// <summary>A number.</summary>
    public JsonText Value(long value)
    {
        Separate();
        _text.Append(value.ToString(CultureInfo.InvariantCulture));
        _needsComma = true;
        return this;
    }

    /// <summary>A number; finite.</summary>
    public JsonText Value(double value)
    {
        Separate();
        _text.Append(value.ToString("R", CultureInfo.InvariantCulture));
        _needsComma = true;
        return this;
    }

    /// <summary>A value that is JSON already.</summary>
    public JsonText Raw(string json)
    {
        Separate();
        _text.Append(json);
        _needsComma = true;
        return this;
    }

    /// <summary>A member with a text, left out if the text is empty.</summary>
    public JsonText Member(string name, string value) => value.Length == 0 ? this : Name(name).Value(value);

    /// <summary>A member with a number.</summary>
    public JsonText Member(string name, long value) => Name(name).Value(value);

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    /// <summary>The document.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    private JsonText Begin(char bracket)
    {
        Separate();
        _text.Append(bracket);
        _needsComma = false;
        return this;
    }

    private JsonText End(char bracket)
    {
        _text.Append(bracket);
        _needsComma = true;
        return this;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            _text.Append(',');
        }
    }

    // Lone surrogates become U+FFFD when the text is encoded; everything else above U+001F may stand as it is.
    private void Escape(string value)
    {
        _text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    _text.Append("\\\"");
                    break;
                case '\\':
                    _text.Append("\\\\");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case < ' ' or '\u007f':
                    _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    _text.Append(c);
                    break;
            }
        }

        _text.Append('"');
    }
}
