using System.Buffers;
using Flyball.Ingest.Exposition;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>GET /federate</c>: the latest samples of selected series, for another server to scrape. Prometheus documentation, "HTTP API".</summary>
/// <remarks>Protobuf for who accepts it, else text format 0.0.4, which has no native histograms: those series are left out there.</remarks>
internal sealed class FederateEndpoint(ISeriesSource source, Func<LabelSet> externalLabels, TimeSpan lookback, TimeProvider time)
{
    private const string InstanceLabel = "instance";

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/federate", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        var selectors = new List<IReadOnlyList<Matcher>>();
        foreach (var text in context.Request.Query["match[]"])
        {
            try
            {
                selectors.Add(PromQLExpression.ParseSelector(text ?? ""));
            }
            catch (PromQLSyntaxException e)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync(e.Message + "\n", context.RequestAborted);
                return;
            }
        }

        var families = Families(Latest(selectors, context.RequestAborted));
        if (FederatedProtobuf.IsWanted(context.Request))
        {
            context.Response.ContentType = FederatedProtobuf.ContentType;
            await context.Response.Body.WriteAsync(FederatedProtobuf.Write(families), context.RequestAborted);
            return;
        }

        var body = new ArrayBufferWriter<byte>(4096);
        Write(body, families);
        context.Response.ContentType = ExpositionTextWriter.ContentType;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private SortedDictionary<LabelSet, FederatedSample> Latest(List<IReadOnlyList<Matcher>> selectors, CancellationToken cancellationToken)
    {
        var now = TimestampMs.Now(time);
        var window = new TimeRange(now - DurationMs.From(lookback) + new DurationMs(1), now);
        var latest = new SortedDictionary<LabelSet, FederatedSample>();
        using var samples = new SampleColumns();
        foreach (var matchers in selectors)
        {
            using var selection = source.Select(new SeriesQuery(window, matchers), cancellationToken);
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, cancellationToken);
                var last = samples.Count - 1;
                var histogram = last >= 0 && samples.HasHistograms ? samples.Histograms[last] : null;
                if (last >= 0 && !StaleMarker.Is(histogram?.Sum ?? samples.Values[last]))
                {
                    latest[selection.Labels(i)] = new FederatedSample([], samples.TimestampsMs[last], samples.Values[last], histogram);
                }
            }
        }

        return latest;
    }

    /// <summary>The samples with the labels they are shown with, by the names of their metrics.</summary>
    private List<(string Name, List<FederatedSample> Samples)> Families(SortedDictionary<LabelSet, FederatedSample> latest)
    {
        var external = externalLabels().AsPairs().Select(p => (p.Key, p.Value)).ToList();
        if (!external.Exists(l => l.Key == InstanceLabel))
        {
            // Says to the scraper that the series has no instance, lest it takes this server for one.
            external.Add((InstanceLabel, ""));
            external.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        }

        (string, string)[] Labels(LabelSet series) =>
            [.. series.AsPairs().Where(p => p.Key != LabelSet.MetricNameLabel).Select(p => (p.Key, p.Value)), .. external.Where(e => series[e.Key].Length == 0)];

        return
        [
            .. latest.Where(s => s.Key.MetricName.Length > 0).GroupBy(s => s.Key.MetricName).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => (g.Key, g.Select(s => s.Value with { Labels = Labels(s.Key) }).ToList())),
        ];
    }

    private static void Write(IBufferWriter<byte> body, List<(string Name, List<FederatedSample> Samples)> families)
    {
        var writer = new ExpositionTextWriter(body) { KeepsEmptyLabels = true };
        foreach (var (name, samples) in families.Where(f => f.Samples.Exists(s => s.Histogram is null)))
        {
            writer.Family(name, MetricType.Unknown, help: "");
            foreach (var sample in samples.Where(s => s.Histogram is null))
            {
                writer.Sample(name, sample.Labels, sample.Value, sample.AtMs);
            }
        }
    }
}

/// <summary>The latest sample of a series.</summary>
/// <param name="Labels">Its labels but the name, those of this server among them.</param>
/// <param name="Histogram">Null for a float.</param>
internal sealed record FederatedSample((string Name, string Value)[] Labels, long AtMs, double Value, NativeHistogram? Histogram);
