using Flyball.Model.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>Lets pages of other origins read <c>/api/v1</c> and <c>/federate</c>, as far as <c>--web.cors.origin</c> allows. Prometheus documentation, "HTTP API".</summary>
/// <remarks>Why the default is Prometheus': docs/decisions/0130-other-origins-may-read.md.</remarks>
internal sealed class Cors
{
    /// <summary>What Prometheus allows unless told otherwise.</summary>
    public const string AnyOrigin = ".*";

    private readonly string _pattern;
    private readonly GoRegex _origins;

    /// <summary>Compiles the pattern.</summary>
    /// <exception cref="RegexSyntaxException">It is no regular expression.</exception>
    public Cors(string pattern)
    {
        _pattern = pattern;
        _origins = GoRegex.CompileAnchored(pattern);
    }

    /// <summary>Puts the headers on answers, and answers preflights itself.</summary>
    public void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var path = context.Request.Path;
        if (!path.StartsWithSegments("/api/v1", StringComparison.Ordinal) && path != "/federate")
        {
            return next(context);
        }

        SetHeaders(context);
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    });

    private void SetHeaders(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return;
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowHeaders = "Accept, Authorization, Content-Type, Origin";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlExposeHeaders = "Date";
        headers.Vary = "Origin";
        if (_pattern == AnyOrigin)
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else if (_origins.IsMatch(origin))
        {
            headers.AccessControlAllowOrigin = origin;
        }
    }
}
