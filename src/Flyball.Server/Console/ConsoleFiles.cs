using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Flyball.Server.Console;

/// <summary>Serves the built console at <c>/</c>; unknown paths that are no API get its first page, so that links into it work.</summary>
internal static class ConsoleFiles
{
    private static readonly string[] ApiPrefixes = ["/api", "/hooks", "/v1", "/metrics", "/-", "/federate"];

    /// <summary>Where the console's files are: next to the program, or where the launcher says.</summary>
    public static string? FindFolder()
    {
        var candidates = new[]
        {
            Environment.GetEnvironmentVariable("FLYBALL_CONSOLE_DIR"),
            Path.Combine(AppContext.BaseDirectory, "console"),
        };
        return candidates.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "index.html")));
    }

    /// <summary>Serves the files themselves; does nothing without a folder.</summary>
    public static void UseConsoleFiles(this IApplicationBuilder app, string? folder)
    {
        if (folder is not null)
        {
            app.UseStaticFiles(new StaticFileOptions
            {
                FileProvider = new PhysicalFileProvider(Path.GetFullPath(folder)),
                OnPrepareResponse = SetCaching,
            });
        }
    }

    /// <summary>Answers the pages that are no files.</summary>
    public static void MapConsole(this IEndpointRouteBuilder routes, string? folder)
    {
        if (folder is null)
        {
            routes.MapGet("/", context => Results.Text(
                "Flyball is running. The console is not built: start through ./flyball, which builds it, or set FLYBALL_CONSOLE_DIR.\n").ExecuteAsync(context));
            return;
        }

        var files = new PhysicalFileProvider(Path.GetFullPath(folder));
        routes.MapFallback(async context =>
        {
            var path = context.Request.Path;
            if (Array.Exists(ApiPrefixes, prefix => path.StartsWithSegments(prefix, StringComparison.Ordinal))
                || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
                return;
            }

            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.CacheControl = "no-cache";
            await context.Response.SendFileAsync(files.GetFileInfo("index.html"), context.RequestAborted);
        });
    }

    // The build puts a hash of the content into the names under assets/; everything else may change under its name.
    private static void SetCaching(StaticFileResponseContext context) =>
        context.Context.Response.Headers.CacheControl = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
}
