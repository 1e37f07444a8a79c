using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Flyball.Access.Identity;
using Flyball.Access.Permissions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Flyball.Access;

/// <summary>Lets requests pass whose bearer token allows what they do.</summary>
/// <remarks>401 without a known token, 403 with one whose role is too small. Thread-safe. RFC 6750.</remarks>
public sealed class AccessControl
{
    /// <summary>Key in <see cref="HttpContext.Items"/> under which later code finds the caller's name.</summary>
    public const string CallerKey = "flyball.caller";

    private volatile TokenFile[] _tokens;

    /// <summary>Starts with a configuration.</summary>
    public AccessControl(AccessConfig config) => _tokens = [.. config.Tokens.Select(t => new TokenFile(t))];

    /// <summary>Whether callers are asked who they are.</summary>
    public bool IsConfigured => _tokens.Length > 0;

    /// <summary>Takes over a reloaded configuration.</summary>
    /// <exception cref="InvalidOperationException">Access control would be switched off while running.</exception>
    public void Apply(AccessConfig config)
    {
        if (_tokens.Length > 0 && !config.IsConfigured)
        {
            throw new InvalidOperationException("a reload must not remove all access tokens; restart the server to run without");
        }

        _tokens = [.. config.Tokens.Select(t => new TokenFile(t))];
    }

    /// <summary>Who may send this request.</summary>
    /// <returns>200 when it may pass, else 401 or 403.</returns>
    public int Check(HttpRequest request, out string caller)
    {
        caller = "anonymous";
        var tokens = _tokens;
        if (tokens.Length == 0 || RequestClass.RoleFor(request) is not { } needed)
        {
            return StatusCodes.Status200OK;
        }

        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !"Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase) || header.Parameter is null)
        {
            return StatusCodes.Status401Unauthorized;
        }

        var presented = SHA256.HashData(Encoding.UTF8.GetBytes(header.Parameter));
        TokenFile? found = null;
        foreach (var token in tokens)
        {
            // All of them, so that the time taken does not tell which one was near.
            if (token.Accepts(presented))
            {
                found = token;
            }
        }

        if (found is null)
        {
            return StatusCodes.Status401Unauthorized;
        }

        caller = found.Token.Name;
        return found.Token.Role >= needed ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden;
    }
}

/// <summary>Puts access control in front of an application.</summary>
public static class AccessControlExtensions
{
    /// <summary>Checks every request that comes after this point.</summary>
    /// <param name="loopbackOnly">Whether only this machine can reach the server.</param>
    public static void UseAccessControl(this IApplicationBuilder app, AccessControl access, bool loopbackOnly) => app.Use(async (context, next) =>
    {
        if (!access.IsConfigured && BrowserGuard.Refusal(context.Request, loopbackOnly) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsJsonAsync(new { error = refusal }, context.RequestAborted);
            return;
        }

        var status = access.Check(context.Request, out var caller);
        if (status == StatusCodes.Status200OK)
        {
            context.Items[AccessControl.CallerKey] = caller;
            await next(context);
            return;
        }

        context.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await context.Response.WriteAsJsonAsync(
            new { error = status == StatusCodes.Status401Unauthorized ? "send a valid token: Authorization: Bearer …" : "this token's role does not allow that" },
            context.RequestAborted);
    });
}
