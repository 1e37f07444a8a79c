using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Step;

/// <summary>Runs in the spans of senders that name no run the way the conventions do: the collector's GitHub receiver, Buildkite's exporter,
/// Jenkins' plugin.</summary>
/// <remarks>
/// Where the ids in such a span are those the system's webhooks use, the facts go to the same run; its trace stays the derived one, and the
/// sender's is noted in <see cref="ElsewhereKey"/>. Keys: docs/specs/otlp.md.
/// </remarks>
internal static class VendorSpans
{
    /// <summary>The trace a vendor sent the run's spans in.</summary>
    public const string ElsewhereKey = "flyball.trace.elsewhere";

    private enum Dialect
    {
        None,
        GitHubReceiver,
        Buildkite,
        Jenkins,
    }

    /// <summary>Whether any of the resources is of such a sender; cheap, for most batches have none.</summary>
    public static bool MayBeIn(SpanBatch batch)
    {
        for (var i = 0; i < batch.Resources.Length; i++)
        {
            foreach (ref readonly var attribute in batch.Attributes.Slice(batch.Resources[i].Attributes.Start, batch.Resources[i].Attributes.Count))
            {
                var key = batch.Bytes(attribute.Key);
                if (key.StartsWith("buildkite."u8) || key.StartsWith("jenkins."u8) || key.SequenceEqual("cicd.pipeline.task.run.url.full"u8)
                    || (key.SequenceEqual("service.name"u8) && attribute.Value.Kind == AttributeKind.Text
                        && (batch.Bytes(attribute.Value.Slice).StartsWith("buildkite"u8) || batch.Bytes(attribute.Value.Slice).SequenceEqual("jenkins"u8))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Reads what the spans tell.</summary>
    public static IReadOnlyList<RunFact> Read(SpanBatch batch, TimestampNs receivedAt)
    {
        var resources = new (Dialect Dialect, Dictionary<string, string> Attributes)[batch.Resources.Length];
        for (var i = 0; i < resources.Length; i++)
        {
            var attributes = VendorSpan.ReadResource(batch, i);
            resources[i] = (DialectOf(attributes), attributes);
        }

        var spans = new Dictionary<Dialect, List<VendorSpan>>();
        foreach (ref readonly var row in batch.Spans)
        {
            var (dialect, attributes) = resources[row.Resource];
            if (dialect != Dialect.None)
            {
                if (!spans.TryGetValue(dialect, out var list))
                {
                    spans[dialect] = list = [];
                }

                list.Add(new VendorSpan(batch, row, attributes));
            }
        }

        return
        [
            .. spans.SelectMany(s => s.Key switch
            {
                Dialect.GitHubReceiver => GitHubReceiverSpans.Read(s.Value),
                Dialect.Buildkite => BuildkiteSpans.Read(s.Value),
                _ => JenkinsSpans.Read(s.Value),
            }).Select(f => f with { ReceivedAt = receivedAt }),
        ];
    }

    /// <summary>The frame of a fact about a run whose webhooks have the same ids.</summary>
    public static RunFact About(RunKey run, VendorSpan span) => new()
    {
        Run = run,
        SourceTime = span.Row.End,
        ReceivedAt = default,
        Attributes = span.Row.TraceId == run.DeriveTraceId() ? null : new Dictionary<string, string> { [ElsewhereKey] = span.Row.TraceId.ToString() },
    };

    private static Dialect DialectOf(Dictionary<string, string> resource)
    {
        if (resource.ContainsKey("cicd.pipeline.run.id"))
        {
            return Dialect.None;
        }

        var service = resource.GetValueOrDefault("service.name", "");
        return resource.GetValueOrDefault("cicd.pipeline.task.run.url.full", "").Contains("/actions/runs/", StringComparison.Ordinal) ? Dialect.GitHubReceiver
            : service.StartsWith("buildkite", StringComparison.Ordinal) || resource.Keys.Any(k => k.StartsWith("buildkite.", StringComparison.Ordinal)) ? Dialect.Buildkite
            : service == "jenkins" || resource.Keys.Any(k => k.StartsWith("jenkins.", StringComparison.Ordinal)) ? Dialect.Jenkins
            : Dialect.None;
    }
}
