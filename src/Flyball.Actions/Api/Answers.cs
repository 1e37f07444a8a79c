using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Flyball.Actions.Api;

/// <summary>Pages, errors and JSON bodies of this room's API.</summary>
internal static class Answers
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 1000;

    /// <summary>Reads <c>limit</c>; answers 400 itself when it is wrong.</summary>
    public static async Task<int?> ReadLimitAsync(HttpContext context)
    {
        var text = context.Request.Query["limit"].ToString();
        if (text.Length == 0)
        {
            return DefaultLimit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostLimit)
        {
            return limit;
        }

        await RefuseAsync(context, StatusCodes.Status400BadRequest, $"limit is \"{text}\"; give a number from 1 to {MostLimit}");
        return null;
    }

    public static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error }, context.RequestAborted);
    }

    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
