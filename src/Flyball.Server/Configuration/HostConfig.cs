using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>host</c>: whether the machine the server runs on is watched, without any exporter.</summary>
/// <param name="Enabled">On unless switched off; takes effect at a start, not at a reload.</param>
/// <param name="Interval">Time between two looks at it.</param>
public sealed record HostConfig(bool Enabled, DurationMs Interval)
{
    /// <summary>Reads the section; null watches the host every global scrape interval, at most every 15 s.</summary>
    public static HostConfig Load(YamlSection? section, GlobalConfig global)
    {
        var often = DurationMs.FromSeconds(15);
        var interval = global.ScrapeInterval < often ? global.ScrapeInterval : often;
        if (section is null)
        {
            return new HostConfig(Enabled: true, interval);
        }

        var enabled = section.Boolean("enabled") ?? true;
        if (section.Duration("interval") is { } own)
        {
            interval = own;
            if (own.Value <= 0)
            {
                section.Report("interval", "\"interval\" is 0; it must be longer");
            }
        }

        section.Finish();
        return new HostConfig(enabled, interval);
    }
}
