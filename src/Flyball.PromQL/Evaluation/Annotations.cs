using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>Collects warnings and infos of a query, each text once. Safe from many threads.</summary>
internal sealed class AnnotationSet
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Text, bool IsInfo), SourceSpan> _found = [];
    private readonly Dictionary<string, (SourceSpan At, Monotonicity Forced)> _forced = [];

    public void Warn(SourceSpan at, string text) => Add(text, at, isInfo: false);

    public void Inform(SourceSpan at, string text) => Add(text, at, isInfo: true);

    /// <summary>Notes that classic buckets had to be made monotonic; occurrences of one metric become one text.</summary>
    public void ForcedMonotonicity(SourceSpan at, string metric, long timeMs, double lowest, double highest, double difference)
    {
        lock (_lock)
        {
            _forced[metric] = _forced.TryGetValue(metric, out var known)
                ? (IsLater(at, known.At) ? at : known.At, known.Forced.With(timeMs, lowest, highest, difference))
                : (at, new Monotonicity(lowest, highest, difference, 1, timeMs, timeMs));
        }
    }

    /// <summary>Texts with their positions, sorted, at most so many of each kind.</summary>
    public (List<string> Warnings, List<string> Infos) Render(ReadOnlySpan<byte> query, int most)
    {
        var lines = new LineTable(query);
        var warnings = new List<string>();
        var infos = new List<string>();
        foreach (var ((text, isInfo), at) in _found.OrderBy(f => f.Value.Start).ThenBy(f => f.Key.Text, StringComparer.Ordinal))
        {
            var prefix = isInfo ? "PromQL info: " : "PromQL warning: ";
            (isInfo ? infos : warnings).Add(prefix + text + Position(lines, at.Start));
        }

        foreach (var (metric, (at, forced)) in _forced.OrderBy(f => f.Value.At.Start).ThenBy(f => f.Key, StringComparer.Ordinal))
        {
            infos.Add("PromQL info: " + forced.Text(metric) + Position(lines, at.Start));
        }

        Cut(warnings, most, "warning");
        Cut(infos, most, "info");
        return (warnings, infos);
    }

    private static string Position(LineTable lines, int at)
    {
        var (line, column) = lines.Locate(at);
        return $" ({line}:{column})";
    }

    private static void Cut(List<string> texts, int most, string kind)
    {
        if (texts.Count > most)
        {
            var left = texts.Count - most;
            texts.RemoveRange(most, left);
            texts.Add($"{left} more {kind} annotations omitted");
        }
    }

    /// <summary>A text is told once; of several places Prometheus shows the one it evaluates last: parts before the whole, left before right.</summary>
    private static bool IsLater(SourceSpan at, SourceSpan known) => at.End > known.End || (at.End == known.End && at.Start < known.Start);

    private void Add(string text, SourceSpan at, bool isInfo)
    {
        lock (_lock)
        {
            if (!_found.TryGetValue((text, isInfo), out var known) || IsLater(at, known))
            {
                _found[(text, isInfo)] = at;
            }
        }
    }

    private readonly record struct Monotonicity(
        double Lowest, double Highest, double Difference, int Count, long FirstMs, long LastMs)
    {
        public Monotonicity With(long timeMs, double lowest, double highest, double difference) => new(
            Math.Min(Lowest, lowest), Math.Max(Highest, highest), Math.Max(Difference, difference),
            Count + 1, Math.Min(FirstMs, timeMs), Math.Max(LastMs, timeMs));

        public string Text(string metric)
        {
            var name = metric.Length == 0 ? "" : " for metric name " + GoQuoting.Quote(metric);
            return "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
                + $"{name}, from buckets {NumberText.FormatGeneral(Lowest)} to {NumberText.FormatGeneral(Highest)}, with a max diff of {Difference:G2}"
                + $", over {Count} samples from {Time(FirstMs)} to {Time(LastMs)}";
        }

        private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFK");
    }
}
