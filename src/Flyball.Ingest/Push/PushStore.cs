using System.Buffers;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Push;

/// <summary>What batch jobs pushed, in groups, until somebody deletes it; a Pushgateway. Thread-safe. The README of Prometheus' Pushgateway.</summary>
/// <remarks>The pushes are not samples: they are scraped, over and over, by <see cref="CreateTarget"/>.</remarks>
public sealed class PushStore(TimeProvider time)
{
    private const string TimeName = "push_time_seconds", FailureName = "push_failure_time_seconds";
    private const string PushHelp = "Last Unix time when changing this group in the Pushgateway succeeded.";
    private const string FailureHelp = "Last Unix time when changing this group in the Pushgateway failed.";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<LabelSet, PushGroup> _groups = [];

    /// <summary>Number of groups.</summary>
    public int GroupCount
    {
        get
        {
            lock (_gate)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>The target through which the pushes are scraped, with the labels they were pushed under.</summary>
    public InProcessTarget CreateTarget(DurationMs interval) => new("pushgateway", "", interval, WritePage);

    /// <summary>Writes all groups as one page in text format 0.0.4.</summary>
    public void WritePage(IBufferWriter<byte> output)
    {
        var writer = new ExpositionTextWriter(output);
        foreach (var family in Gather().Values)
        {
            writer.Family(family.Name, family.Type ?? MetricType.Unknown, family.Help ?? "");
            foreach (var sample in family.Samples)
            {
                writer.Sample(sample.Series, sample.Value);
            }
        }
    }

    /// <summary>Takes a push.</summary>
    /// <param name="key">The grouping labels, <c>job</c> among them; they win over labels of the same name in the samples.</param>
    /// <param name="replaceAll">Whether families that are not in the push go (PUT), or stay (POST).</param>
    /// <returns>Why nothing was stored, or null.</returns>
    internal string? Push(LabelSet key, IReadOnlyList<PushedFamily> families, bool hasTimestamps, bool replaceAll)
    {
        lock (_gate)
        {
            var before = _groups.GetValueOrDefault(key) ?? new PushGroup([], 0, 0);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            var pushed = families.Where(f => f.Name is not (TimeName or FailureName)).Select(f => Label(f, key) with { PushedAt = now }).ToDictionary(f => f.Name);
            var after = replaceAll ? pushed : before.Families.Where(f => !pushed.ContainsKey(f.Key)).Concat(pushed).ToDictionary();
            var problem = hasTimestamps ? "pushed metrics must not have timestamps" : FindConflict(key, after);
            _groups[key] = problem is null
                ? new PushGroup(after, now, before.FailedAt)
                : before with { FailedAt = now };
            return problem;
        }
    }

    /// <summary>All groups in the order of their keys.</summary>
    internal IReadOnlyList<PushedGroup> Groups()
    {
        lock (_gate)
        {
            return
            [
                .. _groups.Select(g => new PushedGroup(
                    g.Key, [.. g.Value.Families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)], g.Value.PushedAt, g.Value.FailedAt)),
            ];
        }
    }

    /// <summary>The families that tell when a group was pushed, as they stand on the page.</summary>
    internal static IEnumerable<PushedFamily> About(PushedGroup group)
    {
        yield return About(TimeName, PushHelp) with { Samples = [About(TimeName, group.Key, group.PushedAt)], PushedAt = group.PushedAt };
        yield return About(FailureName, FailureHelp) with { Samples = [About(FailureName, group.Key, group.FailedAt)], PushedAt = Math.Max(group.PushedAt, group.FailedAt) };
    }

    /// <summary>Forgets a group; one that is not there is forgotten already.</summary>
    internal void Delete(LabelSet key)
    {
        lock (_gate)
        {
            _groups.Remove(key);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Wipe()
    {
        lock (_gate)
        {
            _groups.Clear();
        }
    }

    private static PushedFamily Label(PushedFamily family, LabelSet key)
    {
        var builder = new LabelSetBuilder();
        return family with
        {
            Samples = [.. family.Samples.Select(sample =>
            {
                builder.Start(sample.Series);
                foreach (var label in key)
                {
                    builder.Set(label.Name, label.Value);
                }

                return sample with { Series = builder.Build() };
            })],
        };
    }

    // Under the gate. Nobody could scrape a page on which a name has two types or a series two values.
    private string? FindConflict(LabelSet key, Dictionary<string, PushedFamily> pushed)
    {
        const string Prefix = "pushed metrics are invalid or inconsistent with existing metrics:";
        var others = _groups.Where(g => !g.Key.Equals(key)).SelectMany(g => g.Value.Families.Values);
        foreach (var other in others)
        {
            if (pushed.TryGetValue(other.Name, out var family) && family.Type != other.Type)
            {
                return $"{Prefix} {family.Name} has type {family.Type} but is already there with type {other.Type}";
            }
        }

        var names = pushed.Keys.ToHashSet();
        var series = _groups.Where(g => !g.Key.Equals(key)).SelectMany(g => g.Value.Families.Values)
            .Where(f => names.Contains(f.Name)).SelectMany(f => f.Samples).Select(s => s.Series).ToHashSet();
        foreach (var sample in pushed.Values.SelectMany(f => f.Samples))
        {
            if (!series.Add(sample.Series))
            {
                return $"{Prefix} collected metric {sample.Series} was collected before with the same name and label values";
            }
        }

        return null;
    }

    private SortedDictionary<string, PushedFamily> Gather()
    {
        var page = new SortedDictionary<string, PushedFamily>(StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (var (key, group) in _groups)
            {
                foreach (var family in group.Families.Values)
                {
                    Add(page, family, family.Samples);
                }

                Add(page, About(TimeName, PushHelp), [About(TimeName, key, group.PushedAt)]);
                Add(page, About(FailureName, FailureHelp), [About(FailureName, key, group.FailedAt)]);
            }
        }

        return page;
    }

    private static void Add(SortedDictionary<string, PushedFamily> page, PushedFamily family, IEnumerable<PushedSample> samples)
    {
        if (!page.TryGetValue(family.Name, out var whole))
        {
            page[family.Name] = whole = family with { Samples = [] };
        }

        whole.Help ??= family.Help;
        whole.Samples.AddRange(samples);
    }

    private static PushedFamily About(string name, string help) => new(name) { Type = MetricType.Gauge, Help = help };

    private static PushedSample About(string name, LabelSet key, double seconds) =>
        new(new LabelSetBuilder().Start(key).Set(LabelSet.MetricNameLabel, name).Build(), seconds);

    private sealed record PushGroup(Dictionary<string, PushedFamily> Families, double PushedAt, double FailedAt);
}
