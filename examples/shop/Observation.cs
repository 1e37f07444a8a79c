namespace Shop;

/// <summary>Measures every request that is a customer's, and makes a span of it.</summary>
internal sealed class Observation(RequestDelegate next, Measurements measurements, TraceExporter traces, TimeProvider time)
{
    /// <summary>Serves one request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var route = http.Request.Path.Value ?? "/";
        if (route is not ("/" or "/products" or "/checkout"))
        {
            await next(http);
            return;
        }

        var span = traces.StartRequest($"{http.Request.Method} {route}", http.Request.Headers.TraceParent);
        var start = time.GetTimestamp();
        await next(http);
        measurements.Record(route, http.Response.StatusCode, time.GetElapsedTime(start));
        traces.End(span, isError: http.Response.StatusCode >= 500);
    }
}
