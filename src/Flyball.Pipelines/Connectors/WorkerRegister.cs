using System.Diagnostics.Metrics;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Connectors;

/// <summary>What an event says about a worker (agent, runner).</summary>
/// <param name="Id">Its id in its system.</param>
/// <param name="State"><c>available</c>, <c>busy</c> or <c>offline</c>; "" = it is gone for good.</param>
/// <param name="At">When it was so.</param>
/// <param name="ErrorType">What broke in the system itself, if something did.</param>
internal sealed record WorkerFact(string Id, string State, TimestampNs At, string? ErrorType = null);

/// <summary>Counts workers by state, as far as events told since the start: <c>cicd_worker_count</c>, <c>cicd_system_errors_total</c>.</summary>
/// <remarks>Safe from many threads. In memory only: a worker that lives tells of itself again with its next job.</remarks>
internal sealed class WorkerRegister : IDisposable
{
    private const int MostWorkers = 10_000;

    private static readonly string[] States = ["available", "busy", "offline"];

    private readonly Meter _meter = new("Flyball.Pipelines");
    private readonly Counter<long> _errors;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string System, string Id), (string State, TimestampNs At)> _workers = [];

    public WorkerRegister()
    {
        _errors = _meter.CreateCounter<long>("cicd_system_errors_total", null, "Errors of CI systems themselves, not of runs.");
        _meter.CreateObservableGauge("cicd_worker_count", Count, null, "Workers by state, as events told since the start.");
    }

    /// <summary>Takes note; an older word than the last about the same worker changes nothing.</summary>
    public void Note(string system, WorkerFact fact)
    {
        lock (_gate)
        {
            var key = (system, fact.Id);
            var isKnown = _workers.TryGetValue(key, out var last);
            if ((isKnown && last.At > fact.At) || (!isKnown && _workers.Count >= MostWorkers))
            {
                return;
            }

            // The same error delivered twice is one error.
            if (fact.ErrorType is not null && !(isKnown && last == (fact.State, fact.At)))
            {
                _errors.Add(
                    1, new("flyball_system", system), new("cicd_system_component", "agent"), new("error_type", fact.ErrorType));
            }

            _workers[key] = (fact.State, fact.At);
        }
    }

    /// <summary>Number of workers in a state.</summary>
    public int CountOf(string system, string state)
    {
        lock (_gate)
        {
            return _workers.Count(w => w.Key.System == system && w.Value.State == state);
        }
    }

    public void Dispose() => _meter.Dispose();

    private List<Measurement<long>> Count()
    {
        lock (_gate)
        {
            return [.. _workers.Keys.Select(k => k.System).Distinct().SelectMany(_ => States, (system, state) => new Measurement<long>(
                _workers.Count(w => w.Key.System == system && w.Value.State == state),
                new("flyball_system", system), new("cicd_worker_state", state)))];
        }
    }
}
