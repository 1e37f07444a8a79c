using System.Text;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>A query as a tree of text with holes, so that a failing one can be made smaller without parsing it.</summary>
/// <param name="Kind">What it evaluates to.</param>
/// <param name="Text">Its text; each <see cref="Hole"/> stands for a part.</param>
/// <param name="Parts">What fills the holes, in order.</param>
internal sealed record QueryTree(ValueKind Kind, string Text, params QueryTree[] Parts)
{
    /// <summary>Stands for a part; no query contains it otherwise.</summary>
    public const char Hole = '\u0001';

    public int Size => 1 + Parts.Sum(p => p.Size);

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    /// <summary>Smaller trees of the same kind: a part in place of the whole, or one part made smaller.</summary>
    public IEnumerable<QueryTree> Smaller()
    {
        foreach (var part in Descendants().Where(d => d.Kind == Kind))
        {
            yield return part;
        }

        for (var i = 0; i < Parts.Length; i++)
        {
            var at = i;
            foreach (var part in Parts[i].Smaller())
            {
                yield return this with { Parts = [.. Parts.Select((p, j) => j == at ? part : p)] };
            }
        }

        if (Kind == ValueKind.Scalar && Text != "1")
        {
            yield return new QueryTree(ValueKind.Scalar, "1");
        }
    }

    private IEnumerable<QueryTree> Descendants() => Parts.SelectMany(p => p.Descendants().Prepend(p));

    private void Write(StringBuilder text)
    {
        var next = 0;
        foreach (var c in Text)
        {
            if (c == Hole)
            {
                Parts[next++].Write(text);
            }
            else
            {
                text.Append(c);
            }
        }
    }
}
