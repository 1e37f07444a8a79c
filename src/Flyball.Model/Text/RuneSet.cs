using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Flyball.Model.Text;

/// <summary>A set of Unicode code points, as ranges.</summary>
internal sealed class RuneSet
{
    public const int MaxRune = 0x10FFFF;

    private static readonly ConcurrentDictionary<string, RuneSet?> Categories = new(StringComparer.Ordinal);

    private readonly List<(int Low, int High)> _ranges = [];

    public static RuneSet All { get; } = new RuneSet().Add(0, MaxRune);

    public static RuneSet AllButNewline { get; } = new RuneSet().Add('\n', '\n').Negate();

    /// <summary>Ranges in order, none touching another, once <see cref="Normalize"/> has run.</summary>
    public IReadOnlyList<(int Low, int High)> Ranges => _ranges;

    public long Count => _ranges.Sum(r => (long)r.High - r.Low + 1);

    public bool IsAll => _ranges is [(0, MaxRune)];

    /// <summary>A general category such as <c>L</c> or <c>Lu</c>, or <c>Any</c>; null if it is none.</summary>
    public static RuneSet? OfCategory(string name) => name switch
    {
        "Any" => All,
        { Length: 1 or 2 } => Categories.GetOrAdd(name, ReadCategory),
        _ => null,
    };

    public RuneSet Add(int low, int high)
    {
        _ranges.Add((low, high));
        return this;
    }

    public RuneSet Add(RuneSet other)
    {
        _ranges.AddRange(other._ranges);
        return this;
    }

    public RuneSet Normalize()
    {
        _ranges.Sort();
        var kept = 0;
        for (var i = 0; i < _ranges.Count; i++)
        {
            if (kept > 0 && _ranges[i].Low <= _ranges[kept - 1].High + 1)
            {
                _ranges[kept - 1] = (_ranges[kept - 1].Low, Math.Max(_ranges[kept - 1].High, _ranges[i].High));
            }
            else
            {
                _ranges[kept++] = _ranges[i];
            }
        }

        _ranges.RemoveRange(kept, _ranges.Count - kept);
        return this;
    }

    public RuneSet Negate()
    {
        Normalize();
        var result = new RuneSet();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next)
            {
                result.Add(next, low - 1);
            }

            next = high + 1;
        }

        return next <= MaxRune ? result.Add(next, MaxRune) : result;
    }

    /// <summary>The set with every letter's other cases.</summary>
    public RuneSet InAnyCase()
    {
        var result = new RuneSet().Add(this);
        foreach (var (low, high) in _ranges)
        {
            // Beyond the letters with cases there is nothing to add, and a range over everything has them already.
            for (var c = low; c <= Math.Min(high, 0x1E943) && high - low < 0x20000; c++)
            {
                foreach (var other in RuneCases.Of(c))
                {
                    result.Add(other, other);
                }
            }
        }

        return result.Normalize();
    }

    private static RuneSet? ReadCategory(string name)
    {
        var result = new RuneSet();
        for (var c = 0; c <= MaxRune; c++)
        {
            if (CodeOf(CharUnicodeInfo.GetUnicodeCategory(c)).StartsWith(name, StringComparison.Ordinal))
            {
                result.Add(c, c);
            }
        }

        return result._ranges.Count > 0 ? result.Normalize() : null;
    }

    private static string CodeOf(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.Surrogate => "Cs",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        _ => "--",
    };
}

/// <summary>The other cases of a letter.</summary>
internal static class RuneCases
{
    public static IEnumerable<int> Of(int rune)
    {
        if (!Rune.IsValid(rune))
        {
            yield break;
        }

        var upper = Rune.ToUpperInvariant(new Rune(rune));
        var lower = Rune.ToLowerInvariant(new Rune(rune));
        if (upper.Value != rune)
        {
            yield return upper.Value;
        }

        if (lower.Value != rune)
        {
            yield return lower.Value;
        }

        // The Kelvin sign and the long s fold to ASCII letters.
        switch (lower.Value)
        {
            case 'k':
                yield return 0x212A;
                break;
            case 's':
                yield return 0x017F;
                break;
            case 0x212A:
                yield return 'k';
                yield return 'K';
                break;
            case 0x017F:
                yield return 's';
                yield return 'S';
                break;
            default:
                break;
        }
    }
}
