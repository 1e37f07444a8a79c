using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Flyball.Cli.Commands;

/// <summary>Asks a running server, for the commands that are a face of its HTTP API.</summary>
internal sealed class ServerClient(Uri server, string? tokenFile) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Where the server is; the environment variable FLYBALL_SERVER is its default.</summary>
    public static Option<Uri> ServerOption() => new("--server")
    {
        CustomParser = ParseAddress,
        Description = "Address of the server (default: $FLYBALL_SERVER or http://127.0.0.1:9090)",
        Recursive = true,
        DefaultValueFactory = _ => new Uri(Environment.GetEnvironmentVariable("FLYBALL_SERVER") is { Length: > 0 } url ? url : "http://127.0.0.1:9090"),
    };

    /// <summary>File with the bearer token; tokens never stand on the command line.</summary>
    public static Option<string?> TokenFileOption() => new("--token-file")
    {
        Description = "File with the bearer token (default: $FLYBALL_TOKEN_FILE)",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLYBALL_TOKEN_FILE"),
    };

    /// <summary>GETs a path and parses the answer.</summary>
    /// <exception cref="CommandException">The server cannot be reached or refuses.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, cancellationToken);

    /// <summary>POSTs to a path and parses the answer.</summary>
    /// <exception cref="CommandException">The server cannot be reached or refuses.</exception>
    public Task<JsonElement> PostAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, cancellationToken);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (tokenFile is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(tokenFile, cancellationToken)).Trim());
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new CommandException($"{server} answers {(int)response.StatusCode}: {ErrorIn(body)}");
            }

            return JsonDocument.Parse(body).RootElement.Clone();
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"cannot reach {server}: {e.Message}; is the server running (./flyball serve), or is --server another address?");
        }
        catch (JsonException e)
        {
            throw new CommandException($"{server}{path} does not answer JSON: {e.Message}; is that address a Flyball or Prometheus server?");
        }
    }

    public void Dispose() => _http.Dispose();

    private static Uri? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))
        {
            return address;
        }

        result.AddError($"--server {text} is not an address; write it as http://127.0.0.1:9090");
        return null;
    }

    private static string ErrorIn(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.TryGetProperty("error", out var error) ? error.GetString() ?? body : body;
        }
        catch (JsonException)
        {
            return body.Length > 300 ? body[..300] : body;
        }
    }
}

/// <summary>A command cannot do what it was asked; the message is all a person needs.</summary>
internal sealed class CommandException(string message) : Exception(message);
