using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Pipelines.Step;

/// <summary>Gives equal texts one string as far as it remembers them: names of pipelines, tasks and workers repeat in every span.</summary>
/// <remarks>A place per hash, so that it is bounded and whoever comes last stays. Safe from many threads: a place is one reference.</remarks>
internal sealed class KnownTexts
{
    private const int Places = 4096;
    private const int LongestKept = 128;

    private readonly string?[] _known = new string?[Places];

    public string Of(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestKept)
        {
            return Encoding.UTF8.GetString(text);
        }

        ref var place = ref _known[LabelSet.HashOf(text) % Places];
        var known = place;
        if (known is null || !Ascii.Equals(text, known))
        {
            place = known = Encoding.UTF8.GetString(text);
        }

        return known;
    }
}
