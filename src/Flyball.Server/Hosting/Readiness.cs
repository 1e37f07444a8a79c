namespace Flyball.Server.Hosting;

/// <summary>Whether the server may be asked questions yet. Thread-safe.</summary>
internal sealed class Readiness
{
    private volatile bool _ready;

    public bool IsReady => _ready;

    public void Set(bool ready) => _ready = ready;
}
