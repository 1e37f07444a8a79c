using System.Diagnostics.Metrics;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The configuration in force, and what came of the last attempt to replace it. Thread-safe.</summary>
internal sealed class ConfigState : IDisposable
{
    private readonly Meter _meter = new("Flyball.Config");
    private volatile State _state;

    public ConfigState(FlyballConfig config, TimestampMs at)
    {
        _state = new State(config, at, Error: "");
        _meter.CreateObservableGauge("prometheus_config_last_reload_successful", () => _state.Error.Length == 0 ? 1 : 0, description: "Whether the last configuration reload attempt was successful.");
        _meter.CreateObservableGauge("prometheus_config_last_reload_success_timestamp_seconds", () => _state.LoadedAt.ToSeconds(), description: "Timestamp of the last successful configuration reload.");
    }

    /// <summary>What is in force.</summary>
    public FlyballConfig Current => _state.Config;

    /// <summary>Since when.</summary>
    public TimestampMs LoadedAt => _state.LoadedAt;

    /// <summary>Why the last reload failed; "" when it did not.</summary>
    public string Error => _state.Error;

    public void Succeeded(FlyballConfig config, TimestampMs at) => _state = new State(config, at, Error: "");

    public void Failed(string error) => _state = _state with { Error = error };

    public void Dispose() => _meter.Dispose();

    private sealed record State(FlyballConfig Config, TimestampMs LoadedAt, string Error);
}
