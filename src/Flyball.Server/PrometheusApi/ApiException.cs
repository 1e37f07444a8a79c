namespace Flyball.Server.PrometheusApi;

/// <summary>A call cannot be answered; carries what Prometheus' error envelope says. Prometheus documentation, "HTTP API".</summary>
internal sealed class ApiException(string errorType, int statusCode, string message) : Exception(message)
{
    /// <summary>bad_data, execution, canceled, timeout, internal, unavailable or not_found.</summary>
    public string ErrorType { get; } = errorType;

    /// <summary>HTTP status that belongs to it.</summary>
    public int StatusCode { get; } = statusCode;

    public static ApiException BadData(string message) => new("bad_data", 400, message);

    public static ApiException Execution(string message) => new("execution", 422, message);

    public static ApiException Canceled(string message) => new("canceled", 499, message);

    public static ApiException TimedOut(string message) => new("timeout", 503, message);

    public static ApiException Unavailable(string message) => new("unavailable", 503, message);

    public static ApiException Internal(string message) => new("internal", 500, message);

    public static ApiException NotFound(string message) => new("not_found", 404, message);
}
