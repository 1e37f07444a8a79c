using System.Text.Json;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Silences;
using Flyball.Model.Labels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Alerting.Api;

/// <summary>Alertmanager's API v2, so that amtool, Grafana and other senders of alerts work against us. Source: its OpenAPI document.</summary>
public static class AlertmanagerApi
{
    /// <summary>Maps everything under <c>/api/v2</c>.</summary>
    public static IEndpointRouteBuilder MapAlertmanagerApi(this IEndpointRouteBuilder endpoints, AlertRouter router)
    {
        var api = endpoints.MapGroup("/api/v2");
        api.MapGet("/status", http => WriteAsync(http, json => WriteStatus(json, router)));
        api.MapGet("/receivers", http => WriteAsync(http, json => WriteReceivers(json, router)));
        api.MapGet("/alerts", http => GuardAsync(http, () => GetAlertsAsync(http, router)));
        api.MapPost("/alerts", http => GuardAsync(http, () => PostAlertsAsync(http, router)));
        api.MapGet("/alerts/groups", http => GuardAsync(http, () => GetGroupsAsync(http, router)));
        api.MapGet("/silences", http => GuardAsync(http, () => GetSilencesAsync(http, router)));
        api.MapPost("/silences", http => GuardAsync(http, () => PostSilenceAsync(http, router)));
        api.MapGet("/silence/{id}", http => GuardAsync(http, () => GetSilenceAsync(http, router)));
        api.MapDelete("/silence/{id}", http => GuardAsync(http, () => DeleteSilenceAsync(http, router)));
        api.MapGet("/{**path}", http => GuardAsync(http, () => throw new BodyRefusedException(404, 404, $"path {http.Request.Path} was not found")));
        return endpoints;
    }

    private static void WriteStatus(Utf8JsonWriter json, AlertRouter router)
    {
        json.WriteStartObject();
        json.WriteStartObject("cluster");
        json.WriteStartArray("peers");
        json.WriteEndArray();
        json.WriteString("status", "disabled");
        json.WriteEndObject();
        json.WriteStartObject("config");
        json.WriteString("original", router.Config.Text);
        json.WriteEndObject();
        json.WriteString("uptime", AlertmanagerJson.Time(router.StartedAt));
        json.WriteStartObject("versionInfo");
        foreach (var name in (ReadOnlySpan<string>)["branch", "buildDate", "buildUser", "goVersion", "revision"])
        {
            json.WriteString(name, "");
        }

        json.WriteString("version", typeof(AlertmanagerApi).Assembly.GetName().Version?.ToString(3));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteReceivers(Utf8JsonWriter json, AlertRouter router)
    {
        json.WriteStartArray();
        foreach (var receiver in router.Config.Receivers)
        {
            AlertmanagerJson.WriteReceiver(json, receiver.Name);
        }

        json.WriteEndArray();
    }

    private static Task GetAlertsAsync(HttpContext http, AlertRouter router)
    {
        var filter = AlertFilter.Read(http.Request.Query);
        return WriteAsync(http, json =>
        {
            json.WriteStartArray();
            foreach (var alert in router.Alerts().Where(a => filter.Accepts(a) && filter.AcceptsReceiver(a.Receivers)).OrderBy(a => a.Fingerprint, StringComparer.Ordinal))
            {
                AlertmanagerJson.Write(json, alert);
            }

            json.WriteEndArray();
        });
    }

    private static Task GetGroupsAsync(HttpContext http, AlertRouter router)
    {
        var filter = AlertFilter.Read(http.Request.Query);
        return WriteAsync(http, json =>
        {
            json.WriteStartArray();
            foreach (var group in router.Groups().Where(filter.Accepts))
            {
                var alerts = group.Alerts.Where(filter.Accepts).ToArray();
                if (alerts.Length > 0)
                {
                    AlertmanagerJson.Write(json, group, alerts);
                }
            }

            json.WriteEndArray();
        });
    }

    // The valid alerts of a list are taken even if others are not.
    private static async Task PostAlertsAsync(HttpContext http, AlertRouter router)
    {
        using var body = await ReadBodyAsync(http, "alerts");
        if (body.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new BodyRefusedException(400, 400, "parsing alerts body from \"\" failed, because a list is expected");
        }

        var alerts = new List<PostedAlert>();
        var refusals = new List<string>();
        foreach (var element in body.RootElement.EnumerateArray())
        {
            if (AlertmanagerBody.ReadAlert(element, alerts.Count + refusals.Count, out var refusal) is { } alert)
            {
                alerts.Add(alert);
            }
            else
            {
                refusals.Add(refusal);
                router.CountInvalid();
            }
        }

        router.Post(alerts);
        if (refusals.Count > 0)
        {
            throw new BodyRefusedException(400, 0, string.Join("; ", refusals));
        }
    }

    private static Task GetSilencesAsync(HttpContext http, AlertRouter router)
    {
        var matchers = AlertFilter.ReadMatchers(http.Request.Query);
        var now = router.Now;
        // Active ones first, those that end soonest before others; the ended last.
        var silences = router.Silences.All
            .Where(s => matchers.All(m => AppliesTo(m, s)))
            .OrderBy(s => s.StateAt(now) switch { SilenceState.Active => 0, SilenceState.Pending => 1, _ => 2 })
            .ThenBy(s => s.EndsAt);
        return WriteAsync(http, json =>
        {
            json.WriteStartArray();
            foreach (var silence in silences)
            {
                AlertmanagerJson.Write(json, silence, now);
            }

            json.WriteEndArray();
        });
    }

    // A filter finds the silences that have a matcher for that name whose value it accepts.
    private static bool AppliesTo(Matcher filter, Silence silence) => silence.Matchers.Any(m =>
        m.Name == filter.Name && (m.Value == filter.Value && m.Op == filter.Op || (m.Op == MatchOp.Equal && filter.Matches(m.Value))));

    private static async Task PostSilenceAsync(HttpContext http, AlertRouter router)
    {
        using var body = await ReadBodyAsync(http, "silence");
        var silence = AlertmanagerBody.ReadSilence(body.RootElement);
        string id;
        try
        {
            id = await router.Silences.SetAsync(silence, http.RequestAborted);
        }
        catch (SilenceRefusedException e)
        {
            throw new BodyRefusedException(e.IsUnknown ? 404 : 400, 0, e.Message);
        }

        await WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("silenceID", id);
            json.WriteEndObject();
        });
    }

    private static Task GetSilenceAsync(HttpContext http, AlertRouter router)
    {
        var silence = router.Silences.Find(ReadId(http)) ?? throw new BodyRefusedException(404, 0, "");
        return WriteAsync(http, json => AlertmanagerJson.Write(json, silence, router.Now));
    }

    private static async Task DeleteSilenceAsync(HttpContext http, AlertRouter router)
    {
        try
        {
            await router.Silences.ExpireAsync(ReadId(http), http.RequestAborted);
        }
        catch (SilenceRefusedException e)
        {
            throw new BodyRefusedException(404, 0, e.Message);
        }
    }

    private static string ReadId(HttpContext http)
    {
        var id = http.Request.RouteValues["id"]?.ToString() ?? "";
        return Guid.TryParse(id, out _) ? id : throw new BodyRefusedException(422, 601, $"silenceID in path must be of type uuid: \"{id}\"");
    }

    private static async Task<JsonDocument> ReadBodyAsync(HttpContext http, string what)
    {
        try
        {
            return await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        }
        catch (JsonException e)
        {
            throw new BodyRefusedException(400, 400, $"parsing {what} body from \"\" failed, because {e.Message}");
        }
    }

    private static async Task GuardAsync(HttpContext http, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (BodyRefusedException e)
        {
            http.Response.StatusCode = e.Status;
            await WriteAsync(http, json => WriteRefusal(json, e));
        }
    }

    private static void WriteRefusal(Utf8JsonWriter json, BodyRefusedException refusal)
    {
        if (refusal.Code == 0)
        {
            json.WriteStringValue(refusal.Message);
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("code", refusal.Code);
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
