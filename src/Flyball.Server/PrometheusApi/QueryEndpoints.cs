using Flyball.Access;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.PromQL.Caching;
using Flyball.PromQL.Explaining;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/query</c>, <c>/query_range</c>, <c>/format_query</c>, <c>/parse_query</c>. Prometheus documentation, "HTTP API".</summary>
internal sealed class QueryEndpoints(PromQLEngine engine, ISeriesSource source, QueryGate gate, QueryLog log, TimeProvider time)
{
    private const string Truncated = "results truncated due to limit";

    /// <summary>What a query may cost at most; its own parameters can only ask for less.</summary>
    public QueryLimits Limits { get; init; } = QueryLimits.Default with { MaxPoints = 11_000 };

    /// <summary>Answers kept for dashboards that ask again; null = none.</summary>
    public RangeResultCache? Cache { get; init; }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiQuery("/query", InstantAsync);
        routes.MapApiQuery("/query_range", RangeAsync);
        routes.MapApiQuery("/format_query", FormatAsync);
        routes.MapApiQuery("/parse_query", ParseAsync);
    }

    private async Task InstantAsync(HttpContext context, ApiRequest request)
    {
        var limit = request.Limit();
        var at = request.Time("time", TimestampMs.Now(time));
        var limits = ReadLimits(request);
        var asked = new AskedQuery(context, request.Text("query") ?? "", at, at, DurationMs.Zero, time);
        var expression = ParseQuery(request);
        asked.Prepared();
        var result = await RunAsync(
            asked, token => engine.QueryInstantAsync(source, expression, at, limits, InspectionOf(request), token), limits, context);
        await AnswerAsync(context, request, asked, result, limit);
    }

    private async Task RangeAsync(HttpContext context, ApiRequest request)
    {
        var limit = request.Limit();
        var start = request.RequiredTime("start");
        var end = request.RequiredTime("end");
        if (end < start)
        {
            throw ApiRequest.Invalid("end", "end timestamp must not be before start time");
        }

        var step = request.RequiredDuration("step");
        if (step.Value <= 0)
        {
            throw ApiRequest.Invalid("step", "zero or negative query resolution step widths are not accepted. Try a positive integer");
        }

        if (Limits.MaxPoints > 0 && (end.Value - start.Value) / step.Value > Limits.MaxPoints)
        {
            throw ApiException.BadData(FormattableString.Invariant(
                $"exceeded maximum resolution of {Limits.MaxPoints:N0} points per timeseries. Try decreasing the query resolution (?step=XX)"));
        }

        var limits = ReadLimits(request);
        var asked = new AskedQuery(context, request.Text("query") ?? "", start, end, step, time);
        var expression = ParseQuery(request);
        asked.Prepared();
        if (expression.Kind is not (ValueKind.Scalar or ValueKind.Vector))
        {
            throw ApiRequest.Invalid("query", $"invalid expression type \"{(expression.Kind == ValueKind.Matrix ? "range vector" : "string")}\" for range query, must be Scalar or instant Vector");
        }

        var inspection = InspectionOf(request);
        var cache = request.Text("nocache") is "1" or "true" || request.Text("stats") is not null
            || inspection != QueryInspection.None || ReadsRuns(expression) ? null : Cache;
        var result = await RunAsync(
            asked,
            token => cache is null
                ? engine.QueryRangeAsync(source, expression, start, end, step, limits, inspection, token)
                : cache.QueryRangeAsync(source, expression, start, end, step, limits, token),
            limits,
            context);
        await AnswerAsync(context, request, asked, result, limit);
    }

    private async Task FormatAsync(HttpContext context, ApiRequest request)
    {
        var expression = ParseQuery(request);
        var pretty = Valid(() => expression.ToPrettyString());
        await ApiAnswer.SuccessAsync(context, json => json.WriteStringValue(pretty));
    }

    private async Task ParseAsync(HttpContext context, ApiRequest request)
    {
        var expression = ParseQuery(request);
        await ApiAnswer.SuccessAsync(context, json => Valid(() =>
        {
            expression.WriteTree(json);
            return expression;
        }));
    }

    private PromQLExpression ParseQuery(ApiRequest request) => Valid(() => engine.Parse(request.Text("query") ?? ""));

    private static T Valid<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (PromQLSyntaxException e)
        {
            throw ApiRequest.Invalid("query", e.Message);
        }
    }

    // Series made of runs change whenever a run does, without any sample being stored. Their names begin with "ci_".
    private static bool ReadsRuns(PromQLExpression expression) =>
        expression.Selectors.Any(s => s.MetricNames is not { } names || names.Any(n => n.StartsWith("ci_", StringComparison.Ordinal)));

    private static QueryInspection InspectionOf(ApiRequest request) =>
        (request.Text("explain") is "1" or "true" ? QueryInspection.Plan : QueryInspection.None)
        | (request.Text("stats") == "all" ? QueryInspection.SamplesPerStep : QueryInspection.None);

    private QueryLimits ReadLimits(ApiRequest request)
    {
        var limits = Limits;
        if (request.Duration("timeout") is { } timeout && timeout.ToTimeSpan() < limits.Timeout)
        {
            limits = limits with { Timeout = timeout.ToTimeSpan() };
        }

        return request.Duration("lookback_delta") is { } lookback ? limits with { LookbackDelta = lookback.ToTimeSpan() } : limits;
    }

    private async Task<QueryResult> RunAsync(
        AskedQuery asked, Func<CancellationToken, ValueTask<QueryResult>> run, QueryLimits limits, HttpContext context)
    {
        ApiException error;
        try
        {
            using var place = await gate.EnterAsync(CallerOf(context), limits.Timeout, context.RequestAborted);
            asked.Began();
            var result = await run(context.RequestAborted);
            asked.Ended(result.Statistics);
            log.Write(asked, error: null);
            return result;
        }
        catch (Exception e) when (ErrorOf(e) is { } found)
        {
            error = found;
        }

        log.Write(asked, error.Message);
        throw error;
    }

    // Who comes without a token is told apart by address.
    private static string CallerOf(HttpContext context)
    {
        var caller = context.Items[AccessControl.CallerKey] as string;
        return caller is null or "anonymous" ? context.Connection.RemoteIpAddress?.ToString() ?? "" : caller;
    }

    private static ApiException? ErrorOf(Exception failure) => failure switch
    {
        ApiException e => e,
        PromQLQueryException { Failure: QueryFailure.Timeout } e => ApiException.TimedOut(e.Message),
        PromQLQueryException { Failure: QueryFailure.Canceled } e => ApiException.Canceled(e.Message),
        PromQLQueryException e => ApiException.Execution(e.Message),
        SeriesLimitException e => ApiException.Execution(e.Message),
        _ => null,
    };

    private static Task AnswerAsync(HttpContext context, ApiRequest request, AskedQuery asked, QueryResult result, int limit)
    {
        var series = result.Series;
        var warnings = result.Warnings;
        if (limit > 0 && series.Count > limit)
        {
            series = [.. series.Take(limit)];
            warnings = [.. warnings, Truncated];
        }

        var stats = request.Text("stats");
        if (stats is not (null or "true" or "all"))
        {
            warnings = [.. warnings, $"stats={stats} is deprecated: use stats=true or stats=all"];
        }

        var answer = new QueryAnswer(result, series)
        {
            Asked = stats is null ? null : asked,
            Plan = result.Plan,
            Warnings = Annotations(warnings, "warning"),
            Infos = Annotations(result.Infos, "info"),
        };
        return answer.WriteAsync(context);
    }

    // Prometheus documentation, "HTTP API": at most ten of each, then how many were left out.
    private static IReadOnlyList<string> Annotations(IReadOnlyList<string> all, string kind)
    {
        const int Most = 10;
        return all.Count <= Most ? all : [.. all.Take(Most), $"{all.Count - Most} more {kind} annotations omitted"];
    }
}
