using System.Diagnostics;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>Waits for something that a real process does in its own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task BecomesTrueAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan patience, Func<string> complaint, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition(cancellationToken))
        {
            if (watch.Elapsed > patience)
            {
                Assert.Fail($"{complaint()} (waited {patience.TotalSeconds:0} s)");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
