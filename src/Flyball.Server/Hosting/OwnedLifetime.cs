using Microsoft.Extensions.Hosting;

namespace Flyball.Server.Hosting;

/// <summary>The host starts and stops when its owner says so; signals are the command's business, not the web framework's.</summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
