using Flyball.Alerting.Matching;
using Flyball.Alerting.Routing;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Microsoft.AspNetCore.Http;

namespace Flyball.Alerting.Api;

/// <summary>Query parameters that select alerts.</summary>
internal sealed class AlertFilter
{
    private IReadOnlyList<Matcher> _matchers = [];
    private GoRegex? _receiver;
    private bool _active;
    private bool _silenced;
    private bool _inhibited;
    private bool _muted;

    /// <summary>Reads the parameters.</summary>
    /// <exception cref="BodyRefusedException">A parameter is not valid.</exception>
    public static AlertFilter Read(IQueryCollection query) => new()
    {
        _matchers = ReadMatchers(query),
        _receiver = ReadReceiver(query["receiver"].ToString()),
        _active = IsOn(query, "active"),
        _silenced = IsOn(query, "silenced"),
        _inhibited = IsOn(query, "inhibited"),
        _muted = IsOn(query, "muted"),
    };

    /// <summary>Reads the matchers of the parameter <c>filter</c>.</summary>
    /// <exception cref="BodyRefusedException">One is not valid.</exception>
    public static IReadOnlyList<Matcher> ReadMatchers(IQueryCollection query)
    {
        try
        {
            return [.. query["filter"].OfType<string>().Select(AlertMatchers.ParseOne)];
        }
        catch (MatcherSyntaxException e)
        {
            throw new BodyRefusedException(400, 0, e.Message);
        }
    }

    public bool Accepts(RoutedAlertSnapshot alert) =>
        (_active || alert.State != RoutedAlertState.Active)
        && (_silenced || alert.SilencedBy.Count == 0)
        && (_inhibited || alert.InhibitedBy.Count == 0)
        && _matchers.All(m => m.Matches(alert.Labels));

    public bool AcceptsReceiver(IEnumerable<string> receivers) => _receiver is null || receivers.Any(_receiver.IsMatch);

    public bool Accepts(AlertGroupSnapshot group) => AcceptsReceiver([group.Receiver]) && (_muted || group.MutedBy.Count == 0);

    private static GoRegex? ReadReceiver(string pattern)
    {
        if (pattern.Length == 0)
        {
            return null;
        }

        try
        {
            return GoRegex.CompileAnchored(pattern);
        }
        catch (RegexSyntaxException e)
        {
            throw new BodyRefusedException(400, 0, "failed to parse receiver param: " + e.Message);
        }
    }

    // Absent is on; anything that is not "true" is off, as in Alertmanager.
    private static bool IsOn(IQueryCollection query, string name) =>
        !query.TryGetValue(name, out var value) || value.ToString() is "true" or "1" or "yes" or "on" or "t" or "y" or "True" or "TRUE";
}
