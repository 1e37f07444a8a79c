using System.Security.Cryptography;
using System.Text;
using Flyball.Alerting.Rules;
using Flyball.Model.Labels;
using Flyball.PromQL;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Alerting.Api;

/// <summary>Serves <c>GET /api/v1/rules</c> and <c>GET /api/v1/alerts</c>.</summary>
public static class RulesApi
{
    /// <summary>Maps both endpoints.</summary>
    public static IEndpointRouteBuilder MapRulesApi(this IEndpointRouteBuilder endpoints, RuleManager rules)
    {
        endpoints.MapGet("/api/v1/rules", http => RulesAsync(http, rules));
        endpoints.MapGet("/api/v1/alerts", http => AlertsAsync(http, rules));
        return endpoints;
    }

    private static Task AlertsAsync(HttpContext http, RuleManager rules) => PrometheusJson.AnswerAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("alerts");
        foreach (var alert in rules.Snapshot().SelectMany(g => g.Rules).SelectMany(r => r.Alerts))
        {
            RulesJson.Write(json, alert);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task RulesAsync(HttpContext http, RuleManager rules)
    {
        if (!RulesFilter.TryRead(http.Request.Query, out var filter, out var error))
        {
            return PrometheusJson.RefuseAsync(http, error);
        }

        var groups = rules.Snapshot()
            .Select(g => (Group: g, Rules: g.Rules.Where(r => filter.Accepts(g, r)).ToArray()))
            .Where(g => g.Rules.Length > 0 || !filter.SelectsRules)
            .Where(g => filter.Accepts(g.Group))
            .ToList();
        if (!filter.TryCutPage(groups, g => TokenOf(g.Group), out var page, out var nextToken))
        {
            return PrometheusJson.RefuseAsync(http, "invalid parameter \"group_next_token\": invalid group_next_token. Were rule groups changed?");
        }

        return PrometheusJson.AnswerAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("groups");
            foreach (var (group, selected) in page)
            {
                RulesJson.Write(json, group, selected, filter.ExcludeAlerts);
            }

            json.WriteEndArray();
            if (nextToken.Length > 0)
            {
                json.WriteString("groupNextToken", nextToken);
            }

            json.WriteEndObject();
        });
    }

    // Opaque to the client: it only comes back.
    private static string TokenOf(RuleGroupSnapshot group) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(group.File + ";" + group.Name)).AsSpan(0, 20));
}

/// <summary>The query parameters of <c>/api/v1/rules</c>.</summary>
internal sealed class RulesFilter
{
    private string _type = "";
    private HashSet<string> _names = [];
    private HashSet<string> _groups = [];
    private HashSet<string> _files = [];
    private List<IReadOnlyList<Matcher>> _matchers = [];
    private int _groupLimit;
    private string _nextToken = "";

    public bool ExcludeAlerts { get; private set; }

    /// <summary>Whether a group may be left out because none of its rules is wanted.</summary>
    public bool SelectsRules => _type.Length > 0 || _names.Count > 0 || _matchers.Count > 0;

    public static bool TryRead(IQueryCollection query, out RulesFilter filter, out string error)
    {
        filter = new RulesFilter
        {
            _type = query["type"].ToString().ToLowerInvariant(),
            _names = [.. query["rule_name[]"].OfType<string>()],
            _groups = [.. query["rule_group[]"].OfType<string>()],
            _files = [.. query["file[]"].OfType<string>()],
            _nextToken = query["group_next_token"].ToString(),
        };
        error = filter.ReadRest(query);
        return error.Length == 0;
    }

    public bool Accepts(RuleGroupSnapshot group) =>
        (_groups.Count == 0 || _groups.Contains(group.Name)) && (_files.Count == 0 || _files.Contains(group.File));

    public bool Accepts(RuleGroupSnapshot group, RuleSnapshot rule) =>
        Accepts(group)
        && (_type.Length == 0 || rule.IsAlert == (_type == "alert"))
        && (_names.Count == 0 || _names.Contains(rule.Name))
        && (_matchers.Count == 0 || _matchers.Any(all => all.All(m => m.Matches(rule.Labels))));

    /// <summary>Cuts the page that begins at the token; false when no group has it.</summary>
    public bool TryCutPage<T>(List<T> groups, Func<T, string> tokenOf, out IReadOnlyList<T> page, out string nextToken)
    {
        var start = _nextToken.Length == 0 ? 0 : groups.FindIndex(g => tokenOf(g) == _nextToken);
        page = start < 0 ? [] : [.. groups.Skip(start).Take(_groupLimit == 0 ? groups.Count : _groupLimit)];
        nextToken = start >= 0 && start + page.Count < groups.Count ? tokenOf(groups[start + page.Count]) : "";
        return start >= 0;
    }

    private string ReadRest(IQueryCollection query)
    {
        if (_type is not ("" or "alert" or "record"))
        {
            return $"invalid parameter \"type\": not supported value \"{query["type"]}\"";
        }

        var exclude = query["exclude_alerts"].ToString();
        if (exclude.Length > 0 && !bool.TryParse(exclude, out _) && exclude is not ("1" or "0"))
        {
            return $"invalid parameter \"exclude_alerts\": invalid boolean value \"{exclude}\"";
        }

        ExcludeAlerts = exclude == "1" || (bool.TryParse(exclude, out var parsed) && parsed);
        var limit = query["group_limit"].ToString();
        if (limit.Length > 0 && (!int.TryParse(limit, out _groupLimit) || _groupLimit < 0))
        {
            return "invalid parameter \"group_limit\": group_limit needs to be a valid number";
        }

        if (limit.Length == 0 && _nextToken.Length > 0)
        {
            return "invalid parameter \"group_limit\": group_limit needs to be present in order to paginate over the groups";
        }

        try
        {
            _matchers = [.. query["match[]"].OfType<string>().Select(PromQLExpression.ParseSelector)];
        }
        catch (PromQLSyntaxException e)
        {
            return $"invalid parameter \"match[]\": {e.Message}";
        }

        return "";
    }
}
