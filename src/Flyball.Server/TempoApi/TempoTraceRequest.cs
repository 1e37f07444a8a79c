using System.Globalization;
using Flyball.Model.Spans;
using Flyball.Traces.Tempo;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.TempoApi;

/// <summary>Reads what is wanted of a trace (Tempo documentation, "HTTP API").</summary>
internal static class TempoTraceRequest
{
    /// <summary>Reads a request for a trace; the filter and what belongs to it only in version 2.</summary>
    /// <exception cref="TempoRequestException">The id or a parameter is not valid.</exception>
    public static TraceRequest Read(string id, IQueryCollection query, bool isVersion2)
    {
        if (!TraceId.TryParse(id, out var traceId))
        {
            throw new TempoRequestException($"\"{id}\" is no trace id: 1 to 32 hex digits are expected");
        }

        var window = TempoRequest.ReadWindow(query);
        var request = new TraceRequest(traceId) { From = window.From, Until = window.Until };
        if (!isVersion2 || query["q"].ToString() is not { Length: > 0 } filter)
        {
            return request;
        }

        return request with
        {
            Filter = filter,
            AncestorDepth = ReadFlag(query, "keep_hierarchy") ? ReadDepth(query, "ancestor_depth", -1) : 0,
            MatchDepth = ReadDepth(query, "match_depth", 0),
        };
    }

    private static bool ReadFlag(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        return text.Length > 0 && (text == "1" || (bool.TryParse(text, out var flag) ? flag
            : throw new TempoRequestException($"{name} is \"{text}\": true or false is expected")));
    }

    private static int ReadDepth(IQueryCollection query, string name, int standard)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? standard
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var depth) && depth >= -1 ? depth
            : throw new TempoRequestException($"{name} is \"{text}\": -1 (all) or a number of levels is expected");
    }
}
