namespace Flyball.Alerting.Routing.Notifying;

/// <summary>How long to wait before the next attempt: half a second, then half as much again each time, up to a minute.</summary>
/// <remarks>Spread by half to either side, so that groups that failed together do not come back together.</remarks>
internal sealed class RetryDelay(Random random)
{
    private static readonly TimeSpan Cap = TimeSpan.FromMinutes(1);

    private TimeSpan _next = TimeSpan.FromMilliseconds(500);

    public TimeSpan Next()
    {
        var delay = _next;
        _next = _next * 1.5 < Cap ? _next * 1.5 : Cap;
        lock (random)
        {
            return delay * (0.5 + random.NextDouble());
        }
    }
}
