using System.Text;
using Flyball.Model.Labels;
using Flyball.Traces.Segments;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;

namespace Flyball.Traces.Retention;

/// <summary>How old traces become: all the same, or by rules.</summary>
/// <remarks>
/// Every age that occurs is a border. When the newest span of a segment has passed a border, the traces whose age that is (or is less)
/// leave it: the segment is written anew without them and notes the border, so that this happens once per border. Past the last
/// border the segment is deleted unread.
/// </remarks>
internal sealed class RetentionPolicy
{
    private readonly (SearchQuery Query, ulong Age)[] _rules;
    private readonly ulong _standard;
    private readonly ulong[] _borders;

    /// <summary>Reads the rules.</summary>
    /// <exception cref="TraceQLException">A rule's query is not valid.</exception>
    public RetentionPolicy(SpanStoreOptions options)
    {
        _standard = Nanoseconds(options.KeepFor);
        _rules = [.. options.KeepRules.Select(r => (Parser.ParseSearch(r.Query), Nanoseconds(r.KeepFor)))];
        _borders = [.. _rules.Select(r => r.Age).Append(_standard).Distinct().Order()];
        var text = string.Join('\n', options.KeepRules.Select(r => $"{r.KeepFor.Ticks} {r.Query}")) + "\n" + options.KeepFor.Ticks;
        Hash = LabelSet.HashOf(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Tells this policy from others: after a change segments are looked at again.</summary>
    public ulong Hash { get; }

    /// <summary>The age at which everything goes.</summary>
    public ulong Oldest => _borders[^1];

    /// <summary>The border a segment has passed without having been thinned for it; 0 for none.</summary>
    public ulong DueBorder(Segment segment, ulong nowNs)
    {
        var age = nowNs > segment.Footer.MaxEnd ? nowNs - segment.Footer.MaxEnd : 0;
        var passed = Array.FindLast(_borders, b => b < age);
        return segment.Footer.Thinned is { } done && done.Policy == Hash && done.Border >= passed ? 0 : passed;
    }

    /// <summary>Whether a trace outlives a border.</summary>
    public bool Outlives(EvaluatedTrace trace, ulong border)
    {
        // Compiled anew for every trace: compiled queries keep the texts of the last ones, and this runs in the background.
        foreach (var (query, age) in _rules)
        {
            if (new Pipeline(query.Stages, new Compiler()).Run(trace).Count > 0)
            {
                return age > border;
            }
        }

        return _standard > border;
    }

    private static ulong Nanoseconds(TimeSpan span) => (ulong)Math.Max(0, span.Ticks) * 100;
}
