using Flyball.Model.Labels;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>info</c>: adds data labels of info metrics that share <c>job</c> and <c>instance</c>. Prometheus documentation, "Querying".</summary>
/// <param name="dataMatchers">Those of the second argument, null without one.</param>
internal sealed class InfoNode(VectorNode inner, List<Matcher>? dataMatchers, SelectorTiming timing, SourceSpan span) : VectorNode
{
    private const string DefaultMetric = "target_info";

    private static readonly string[] Identifying = ["instance", "job"];
    private static readonly LabelProjection Identity = new(Identifying, keep: true);

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var rows = inner.Collect(scope);
        var given = dataMatchers ?? [];
        var names = given.Where(m => m.Name == LabelSet.MetricNameLabel).ToList();
        var data = given.Where(m => m.Name != LabelSet.MetricNameLabel).ToList();

        // A selector that names no metric makes nothing of the argument an info series, not even target_info.
        var excludes = names.Count > 0 || dataMatchers is null;
        if (names.Count == 0)
        {
            names.Add(new Matcher(MatchOp.Equal, LabelSet.MetricNameLabel, DefaultMetric));
        }

        var ignored = rows.ConvertAll(r => excludes && names.TrueForAll(m => m.Matches(r.Labels.MetricName)));
        var infos = FetchInfos(rows, ignored, names, data, scope);
        var result = new MergeSink(scope.Budget);
        for (var i = 0; i < rows.Count; i++)
        {
            scope.Budget.ThrowIfDone();
            if (ignored[i])
            {
                rows[i].DropName = false;
                result.Accept(rows[i]);
            }
            else
            {
                Enrich(rows[i], infos, data, scope, result);
            }
        }

        Push(result.Rows, sink);
    }

    /// <summary>Info series by identity and name, at each step the newest.</summary>
    private Dictionary<LabelSet, List<InfoMetric>> FetchInfos(
        List<SeriesRow> rows, List<bool> ignored, List<Matcher> names, List<Matcher> data, QueryScope scope)
    {
        var found = new Dictionary<LabelSet, List<InfoMetric>>();
        var matchers = new List<Matcher>(names);
        foreach (var label in Identifying)
        {
            var values = rows.Where((_, i) => !ignored[i]).Select(r => r.Labels[label]).Where(v => v.Length > 0).Distinct().ToList();
            if (values.Count > 0)
            {
                var pattern = string.Join('|', values.Select(GoRegexEscape));
                matchers.Add(values.Count == 1 ? new Matcher(MatchOp.Equal, label, values[0]) : new Matcher(MatchOp.Regex, label, pattern));
            }
        }

        if (matchers.Count == names.Count)
        {
            return found;
        }

        matchers.AddRange(data);
        var plan = new SelectorPlan(matchers, new SelectorTiming(null, 0), EdgeMode.Plain, span) { Fetched = timing };
        foreach (var row in new InstantSelectorNode(plan, SampleAspect.TimeMs).Collect(scope))
        {
            var key = Identity.Apply(row.Labels);
            if (!found.TryGetValue(key, out var metrics))
            {
                found[key] = metrics = [];
            }

            var metric = metrics.Find(m => m.Name == row.Labels.MetricName);
            if (metric is null)
            {
                metrics.Add(metric = new InfoMetric(row.Labels.MetricName));
            }

            metric.Rows.Add(row);
        }

        return found;
    }

    private static string GoRegexEscape(string text) => string.Concat(text.Select(c => @"\.+*?()|[]{}^$".Contains(c) ? "\\" + c : c.ToString()));

    private static void Enrich(
        SeriesRow row, Dictionary<LabelSet, List<InfoMetric>> infos, List<Matcher> data, QueryScope scope, MergeSink result)
    {
        var candidates = infos.GetValueOrDefault(Identity.Apply(row.Labels)) ?? [];
        var needsMatch = data.Exists(m => !m.MatchesEmpty);
        var byLabels = new Dictionary<LabelSet, SeriesRow>();
        for (var step = 0; step < scope.Grid.Count; step++)
        {
            if (!row.IsPresent(step))
            {
                continue;
            }

            var chosen = candidates.Select(c => c.NewestAt(step)).OfType<SeriesRow>().ToList();
            if (chosen.Count == 0 && needsMatch)
            {
                continue;
            }

            var labels = Extend(row.Labels, chosen, data);
            if (!byLabels.TryGetValue(labels, out var target))
            {
                // A name that was to go at the end stays: enriched series count as new ones, in Prometheus too.
                byLabels[labels] = target = new SeriesRow(labels, scope.NewColumn());
            }

            target.Values[step] = row.Values[step];
            if (row.HistogramAt(step) is { } histogram)
            {
                target.SetHistogram(step, histogram);
            }
        }

        foreach (var extended in byLabels.Values)
        {
            result.Accept(extended);
        }
    }

    private static LabelSet Extend(LabelSet labels, List<SeriesRow> infos, List<Matcher> data)
    {
        var added = new Dictionary<string, string>();
        foreach (var info in infos)
        {
            foreach (var (name, value) in info.Labels.AsPairs())
            {
                if (name == LabelSet.MetricNameLabel || (data.Count > 0 && !data.Exists(m => m.Name == name)))
                {
                    continue;
                }

                if (added.TryGetValue(name, out var other) && other != value)
                {
                    throw new PromQLQueryException(QueryFailure.Execution, "conflicting label: " + name);
                }

                if (labels[name].Length == 0)
                {
                    added[name] = value;
                }
            }
        }

        if (added.Count == 0)
        {
            return labels;
        }

        var builder = new LabelSetBuilder().Start(labels);
        foreach (var (name, value) in added)
        {
            builder.Set(name, value);
        }

        return builder.Build();
    }

    /// <summary>The series of one info metric that share an identity.</summary>
    private sealed class InfoMetric(string name)
    {
        public string Name => name;

        public List<SeriesRow> Rows { get; } = [];

        public SeriesRow? NewestAt(int step)
        {
            SeriesRow? newest = null;
            foreach (var row in Rows)
            {
                if (!row.IsPresent(step))
                {
                    continue;
                }

                if (newest is null || row.Values[step] > newest.Values[step])
                {
                    newest = row;
                }
                else if (row.Values[step].Equals(newest.Values[step]))
                {
                    throw new PromQLQueryException(
                        QueryFailure.Execution,
                        $"found duplicate series for info metric: existing {ErrorLabels.Format(newest.Labels)} @ {(long)newest.Values[step]}, new {ErrorLabels.Format(row.Labels)} @ {(long)row.Values[step]}");
                }
            }

            return newest;
        }
    }
}
