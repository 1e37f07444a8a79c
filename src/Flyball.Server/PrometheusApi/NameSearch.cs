namespace Flyball.Server.PrometheusApi;

/// <summary>Which names fit what was typed, how well, and in which order. Prometheus documentation, "HTTP API".</summary>
/// <remarks>A name that contains a term scores 1. Otherwise a fuzzy algorithm scores it from 0 to 1, and it takes part when it
/// reaches the threshold. Without terms everything takes part with score 1.</remarks>
internal sealed class NameSearch
{
    private IReadOnlyList<string> _terms = [];
    private double _threshold;
    private bool _caseSensitive;
    private bool _jaroWinkler;
    private bool _byScore;
    private bool _descending;

    /// <summary>Reads the parameters of a request.</summary>
    /// <exception cref="ApiException">One cannot be used.</exception>
    public static NameSearch Read(ApiRequest request)
    {
        var byScore = request.Choice("sort_by", "alpha", "score") == "score";
        if (byScore && request.Text("sort_dir") is not null)
        {
            throw ApiRequest.Invalid("sort_dir", "it is only valid with sort_by=alpha");
        }

        var threshold = request.Text("fuzz_threshold") is null ? 100 : request.Limit("fuzz_threshold");
        return new NameSearch
        {
            _terms = [.. request.Texts("search[]").Where(t => !string.IsNullOrEmpty(t)).Select(t => t!)],
            _threshold = threshold <= 100 ? threshold / 100.0 : throw ApiRequest.Invalid("fuzz_threshold", "it must be from 0 to 100"),
            _caseSensitive = request.Text("case_sensitive") is null || request.Flag("case_sensitive"),
            _jaroWinkler = request.Choice("fuzz_alg", "subsequence", "jarowinkler") == "jarowinkler",
            _byScore = byScore,
            _descending = request.Choice("sort_dir", "asc", "dsc") == "dsc",
        };
    }

    /// <summary>The names that fit, in the order asked for.</summary>
    public IReadOnlyList<(string Name, double Score)> Run(IEnumerable<string> names)
    {
        var found = names.Select(name => (Name: name, Score: Score(name))).Where(f => f.Score > 0).ToList();
        var byName = Comparer<(string Name, double Score)>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [.. _byScore ? found.OrderByDescending(f => f.Score).ThenBy(f => f, byName)
            : _descending ? found.OrderDescending(byName) : found.Order(byName)];
    }

    /// <summary>Similarity of Jaro with Winkler's bonus for a common beginning. W. E. Winkler, 1990.</summary>
    internal static double JaroWinkler(string a, string b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length == b.Length ? 1 : 0;
        }

        var reach = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        var taken = new bool[b.Length];
        var common = new List<char>();
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = Math.Max(0, i - reach); j < Math.Min(b.Length, i + reach + 1); j++)
            {
                if (!taken[j] && a[i] == b[j])
                {
                    taken[j] = true;
                    common.Add(a[i]);
                    break;
                }
            }
        }

        if (common.Count == 0)
        {
            return 0;
        }

        var others = b.Where((_, j) => taken[j]).ToList();
        var swapped = common.Where((c, i) => c != others[i]).Count() / 2.0;
        double m = common.Count;
        var jaro = ((m / a.Length) + (m / b.Length) + ((m - swapped) / m)) / 3;
        var prefix = a.Zip(b).Take(4).TakeWhile(p => p.First == p.Second).Count();
        return jaro + (prefix * 0.1 * (1 - jaro));
    }

    /// <summary>How densely the letters of a term stand in a name, in their order; 0 when they do not.</summary>
    internal static double Subsequence(string name, string term)
    {
        var at = -1;
        var first = -1;
        foreach (var letter in term)
        {
            at = name.IndexOf(letter, at + 1);
            if (at < 0)
            {
                return 0;
            }

            first = first < 0 ? at : first;
        }

        return (double)term.Length / (at - first + 1);
    }

    private double Score(string name)
    {
        if (_terms.Count == 0)
        {
            return 1;
        }

        var best = 0.0;
        foreach (var term in _terms)
        {
            var (text, wanted) = _caseSensitive ? (name, term) : (name.ToLowerInvariant(), term.ToLowerInvariant());
            var score = text.Contains(wanted, StringComparison.Ordinal) ? 1
                : _threshold >= 1 ? 0
                : _jaroWinkler ? JaroWinkler(text, wanted) : Subsequence(text, wanted);
            best = Math.Max(best, score >= _threshold ? score : 0);
        }

        return best;
    }
}
