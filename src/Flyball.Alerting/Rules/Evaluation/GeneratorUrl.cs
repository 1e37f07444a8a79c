using System.Net;
using Flyball.PromQL;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Where people can look at the expression of an alert.</summary>
internal static class GeneratorUrl
{
    public static string Of(string externalUrl, PromQLExpression expression) =>
        externalUrl + "/graph?g0.expr=" + WebUtility.UrlEncode(expression.ToString())
            .Replace("!", "%21", StringComparison.Ordinal).Replace("*", "%2A", StringComparison.Ordinal)
            .Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal) + "&g0.tab=1";
}
