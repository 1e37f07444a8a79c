using System.Text;
using Flyball.Traces.Strings;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Strings of pages as text, each decoded once while it is used often. Not thread-safe: one per query.</summary>
internal sealed class TextCache
{
    private const int Most = 50_000;

    private readonly Dictionary<(IStringSource, int), string> _texts = [];

    public string this[IStringSource strings, int id]
    {
        get
        {
            if (id == 0)
            {
                return "";
            }

            if (!_texts.TryGetValue((strings, id), out var text))
            {
                if (_texts.Count >= Most)
                {
                    _texts.Clear();
                }

                _texts[(strings, id)] = text = Encoding.UTF8.GetString(strings[id]);
            }

            return text;
        }
    }
}
