using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/series</c>, <c>/labels</c>, <c>/label/{name}/values</c>. Prometheus documentation, "HTTP API".</summary>
internal sealed class SeriesEndpoints(ISeriesSource source)
{
    private const string Truncated = "results truncated due to limit";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiQuery("/series", SeriesAsync);
        routes.MapApiQuery("/labels", LabelsAsync);
        routes.MapApiGet("/label/{name}/values", LabelValuesAsync);
    }

    private async Task SeriesAsync(HttpContext context, ApiRequest request)
    {
        var limit = request.Limit();
        var range = ReadRange(request);
        var selectors = ReadSelectors(request);
        if (selectors.Count == 0)
        {
            throw ApiException.BadData("no match[] parameter provided");
        }

        var found = new SortedSet<LabelSet>();
        foreach (var matchers in range.IsEmpty ? [] : selectors)
        {
            using var selection = source.Select(new SeriesQuery(range, matchers), context.RequestAborted);
            for (var i = 0; i < selection.Count && (limit == 0 || i <= limit); i++)
            {
                found.Add(selection.Labels(i));
            }
        }

        await ApiAnswer.SuccessAsync(
            context,
            json =>
            {
                json.WriteStartArray();
                foreach (var labels in limit == 0 ? found : found.Take(limit))
                {
                    ApiAnswer.WriteLabels(json, labels);
                }

                json.WriteEndArray();
            },
            limit > 0 && found.Count > limit ? [Truncated] : null);
    }

    private Task LabelsAsync(HttpContext context, ApiRequest request) =>
        AnswerNamesAsync(context, request, query => source.LabelNames(query, context.RequestAborted));

    private Task LabelValuesAsync(HttpContext context, ApiRequest request)
    {
        var name = (string?)context.Request.RouteValues["name"] ?? "";
        if (name.StartsWith("U__", StringComparison.Ordinal))
        {
            name = EscapedName.Decode(name);
        }

        if (name.Length == 0)
        {
            throw ApiException.BadData($"invalid label name: \"{name}\"");
        }

        return AnswerNamesAsync(context, request, query => source.LabelValues(name, query, context.RequestAborted));
    }

    private static Task AnswerNamesAsync(HttpContext context, ApiRequest request, Func<SeriesQuery, IReadOnlyList<string>> read)
    {
        var limit = request.Limit();
        var range = ReadRange(request);
        var selectors = ReadSelectors(request);
        var names = selectors.Count switch
        {
            _ when range.IsEmpty => [],
            0 => read(new SeriesQuery(range, [])),
            1 => read(new SeriesQuery(range, selectors[0])),
            _ => [.. selectors.SelectMany(m => read(new SeriesQuery(range, m))).Distinct().Order(StringComparer.Ordinal)],
        };
        var truncated = limit > 0 && names.Count > limit;
        return ApiAnswer.SuccessAsync(
            context, json => ApiAnswer.WriteStrings(json, truncated ? names.Take(limit) : names), truncated ? [Truncated] : null);
    }

    // An empty range is no mistake: it has no series.
    private static TimeRange ReadRange(ApiRequest request) =>
        new(request.Time("start", TimestampMs.Min), request.Time("end", TimestampMs.Max));

    internal static List<IReadOnlyList<Matcher>> ReadSelectors(ApiRequest request)
    {
        var selectors = new List<IReadOnlyList<Matcher>>();
        foreach (var text in request.Texts("match[]"))
        {
            try
            {
                var matchers = PromQLExpression.ParseSelector(text ?? "");
                if (matchers.All(m => m.MatchesEmpty))
                {
                    throw ApiRequest.Invalid("match[]", "match[] must contain at least one non-empty matcher");
                }

                selectors.Add(matchers);
            }
            catch (PromQLSyntaxException e)
            {
                throw ApiRequest.Invalid("match[]", e.Message);
            }
        }

        return selectors;
    }
}
