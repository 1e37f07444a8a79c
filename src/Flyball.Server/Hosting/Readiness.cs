using Flyball.Durable.Log;

namespace Flyball.Server.Hosting;

/// <summary>Whether the server may be asked questions yet, and if not what it is waiting for. Thread-safe.</summary>
internal sealed class Readiness
{
    private volatile bool _ready;
    private volatile string _stage = "starting";
    private volatile Func<ReplayProgress>? _replay;

    public bool IsReady => _ready;

    /// <summary>How far reading the metrics log back is, or null before it began.</summary>
    public ReplayProgress? Replay => _replay?.Invoke();

    /// <summary>Whether the metrics log has been read back.</summary>
    public bool IsReplayed => _replay is not null && _stage.Length > 0;

    /// <summary>What the server does before it is ready, for people.</summary>
    public string Stage
    {
        get
        {
            const long Mebibyte = 1 << 20;
            return Replay is { } replay && _stage.Length == 0
                ? $"replaying the metrics log, {replay.Percent} % of {(replay.BytesTotal + Mebibyte - 1) / Mebibyte} MiB"
                : _stage;
        }
    }

    public void Doing(string stage) => _stage = stage;

    /// <summary>The stage of the metrics log, which tells how far it is.</summary>
    public void Replaying(Func<ReplayProgress> progress)
    {
        _replay = progress;
        _stage = "";
    }

    public void Set(bool ready) => _ready = ready;
}
