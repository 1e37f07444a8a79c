using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>Keeps the spans and samples a tracker sends, and shows them as text.</summary>
internal sealed class GoldenShelf : ISpanSink, ISampleSink
{
    private readonly SortedDictionary<string, string> _spans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _resources = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, double> _samples = new(StringComparer.Ordinal);

    public ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        foreach (ref readonly var row in batch.Spans)
        {
            // By trace and start, so that they read like the waterfall does.
            _spans[$"{row.TraceId} {row.Start.Value:D20} {row.SpanId}"] = TextOf(batch, row);
            _resources[$"{row.TraceId}"] = $"trace {row.TraceId} of{TextOf(batch, batch.Resources[row.Resource].Attributes)}";
        }

        return ValueTask.FromResult(new SpanAppendReport(batch.Count));
    }

    public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch.SampleCount; i++)
        {
            var labels = batch.Labels(batch.SampleSeries[i]).ToString();
            if (!labels.Contains("_bucket", StringComparison.Ordinal))
            {
                _samples[labels] = batch.Values[i];
            }
        }

        return ValueTask.FromResult(new AppendReport(batch.SampleCount, 0));
    }

    public string ToText(IReadOnlyCollection<PipelineRun> runs)
    {
        // A run that goes on again may have got its span in between, or not.
        var open = runs.Where(r => r.State != RunState.Finished)
            .SelectMany(r => (string[])[$"{r.SpanId}", $"{RunKey.DeriveSpanId(r.TraceId, RunIds.QueueKind)}"]).ToHashSet();
        var traces = _spans.Where(s => !open.Contains(s.Key.Split(' ')[2])).GroupBy(s => s.Key.Split(' ')[0])
            .SelectMany(t => t.Select(s => s.Value).Prepend(_resources[t.Key]));
        return string.Join('\n', [.. traces, .. _samples.Where(s => !IsIdleGauge(s.Key, s.Value)).Select(s => FormattableString.Invariant($"metric {s.Key} {s.Value}"))]);
    }

    // Whether one was written before it fell to 0 again is a matter of time.
    private static bool IsIdleGauge(string series, double value) =>
        value == 0 && (series.Contains("_active", StringComparison.Ordinal) || series.Contains("_stuck", StringComparison.Ordinal));

    private static string TextOf(SpanBatch batch, in SpanRow row)
    {
        var text = FormattableString.Invariant(
            $"span {row.SpanId} in {(row.ParentId.IsZero ? "-" : row.ParentId)} {row.Kind} \"{batch.Text(row.Name)}\" {row.Start.ToMs()} +{row.DurationNs / 1e9}s {row.Status}");
        text += TextOf(batch, row.Attributes);
        foreach (ref readonly var link in batch.Links.Slice(row.Links.Start, row.Links.Count))
        {
            text += $" link={link.TraceId}/{link.SpanId}";
        }

        return text.ReplaceLineEndings("⏎");
    }

    private static string TextOf(SpanBatch batch, RowRange attributes)
    {
        var text = "";
        foreach (ref readonly var attribute in batch.Attributes.Slice(attributes.Start, attributes.Count))
        {
            var value = attribute.Value.Kind == AttributeKind.Text ? batch.Text(attribute.Value.Slice) : $"{attribute.Value.Integer}";
            text += $" {batch.Text(attribute.Key)}={(value.Length <= 80 ? value : value[..80] + "…")}";
        }

        return text.ReplaceLineEndings("⏎");
    }
}
