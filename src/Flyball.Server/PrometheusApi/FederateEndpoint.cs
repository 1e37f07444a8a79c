using System.Buffers;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>GET /federate</c>: the latest samples of selected series, for another server to scrape. Prometheus documentation, "HTTP API".</summary>
/// <remarks>Text format 0.0.4, which has no native histograms: those series are left out.</remarks>
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

        var body = new ArrayBufferWriter<byte>(4096);
        Write(body, Latest(selectors, context.RequestAborted));
        context.Response.ContentType = ExpositionTextWriter.ContentType;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private SortedDictionary<LabelSet, (long At, double Value)> Latest(List<IReadOnlyList<Matcher>> selectors, CancellationToken cancellationToken)
    {
        var now = TimestampMs.Now(time);
        var window = new TimeRange(now - DurationMs.From(lookback) + new DurationMs(1), now);
        var latest = new SortedDictionary<LabelSet, (long, double)>();
        using var samples = new SampleColumns();
        foreach (var matchers in selectors)
        {
            using var selection = source.Select(new SeriesQuery(window, matchers), cancellationToken);
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, cancellationToken);
                var last = samples.Count - 1;
                if (last >= 0 && !StaleMarker.Is(samples.Values[last]) && (!samples.HasHistograms || samples.Histograms[last] is null))
                {
                    latest[selection.Labels(i)] = (samples.TimestampsMs[last], samples.Values[last]);
                }
            }
        }

        return latest;
    }

    private void Write(IBufferWriter<byte> body, SortedDictionary<LabelSet, (long At, double Value)> latest)
    {
        var writer = new ExpositionTextWriter(body) { KeepsEmptyLabels = true };
        var external = externalLabels().AsPairs().Select(p => (p.Key, p.Value)).ToList();
        if (!external.Exists(l => l.Key == InstanceLabel))
        {
            // Says to the scraper that the series has no instance, lest it takes this server for one.
            external.Add((InstanceLabel, ""));
            external.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        }

        foreach (var family in latest.Where(s => s.Key.MetricName.Length > 0).GroupBy(s => s.Key.MetricName).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            writer.Family(family.Key, MetricType.Unknown, help: "");
            foreach (var (series, (at, value)) in family)
            {
                var labels = series.AsPairs().Where(p => p.Key != LabelSet.MetricNameLabel).Select(p => (p.Key, p.Value)).ToList();
                labels.AddRange(external.Where(e => series[e.Key].Length == 0));
                writer.Sample(family.Key, [.. labels], value, at);
            }
        }
    }
}
