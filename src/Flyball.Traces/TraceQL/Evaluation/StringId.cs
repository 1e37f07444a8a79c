using System.Text;
using Flyball.Traces.Strings;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>A text of the query as an id of whichever dictionary is at hand; looked up once per dictionary.</summary>
internal sealed class StringId(string text)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);
    private IStringSource? _strings;
    private int _id;

    /// <summary>The id, or -1 when the dictionary does not hold the text.</summary>
    public int In(IStringSource strings)
    {
        if (!ReferenceEquals(_strings, strings))
        {
            (_strings, _id) = (strings, strings.Find(_utf8));
        }

        return _id;
    }
}
