using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Routing.Notifying;
using Flyball.Alerting.Rules;
using Flyball.Alerting.Silences;
using Flyball.Durable.Files;
using Flyball.Model.Alerts;
using Flyball.Model.Journaling;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Routing;

/// <summary>What routing needs of the world around it.</summary>
/// <param name="Journal">Where silences are kept.</param>
/// <param name="Files">The door to the disk.</param>
/// <param name="DataDirectory">Where the notification log is kept; exists.</param>
/// <param name="Random">Spreads retries.</param>
public sealed record RouterEnvironment(
    IJournal Journal, IFileSystem Files, string DataDirectory, Random Random, TimeProvider Time, ILogger Logger);

/// <summary>Tells the right people of alerts: together with related ones, not twice, and not when they asked for silence.</summary>
/// <remarks>
/// Takes alerts from our own rules (as a sink of transitions) and from others (<see cref="Post"/>). Safe from many
/// threads. Call <see cref="StartAsync"/> once, then <see cref="ApplyAsync"/> for the first configuration and each reload.
/// </remarks>
public sealed class AlertRouter : IAlertTransitionSink, IAlertRefreshSink, IAsyncDisposable
{
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResolvedRetention = TimeSpan.FromMinutes(15);

    private readonly RouterEnvironment _environment;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _applying = new(1);
    private readonly NotificationLog _log = new();
    private readonly NotificationLogSaver _saver;
    private readonly RoutingMetrics _metrics;
    private readonly ITimer _maintenance;
    private readonly DateTimeOffset _startedAt;

    // Guarded by _gate.
    private readonly Dictionary<ulong, RoutedAlert> _alerts = [];
    private RoutingState _state;

    /// <summary>Makes a router that tells nobody.</summary>
    public AlertRouter(RouterEnvironment environment)
    {
        _environment = environment;
        _startedAt = environment.Time.GetUtcNow();
        Silences = new SilenceStore(environment.Journal, environment.Time);
        _saver = new NotificationLogSaver(
            _log, new NotificationLogFile(environment.Files, Path.Combine(environment.DataDirectory, "notification-log")), environment.Logger);
        _state = Compile(RoutingConfig.Empty, new RouterSettings());
        _metrics = new RoutingMetrics(this);
        _maintenance = environment.Time.CreateTimer(_ => Maintain(), state: null, MaintenanceInterval, MaintenanceInterval);
    }

    /// <summary>The silences.</summary>
    public SilenceStore Silences { get; }

    /// <summary>The configuration in force.</summary>
    public RoutingConfig Config => Volatile.Read(ref _state).Config;

    /// <summary>When the router was made.</summary>
    public DateTimeOffset StartedAt => _startedAt;

    internal DateTimeOffset Now => _environment.Time.GetUtcNow();

    internal int GroupCount
    {
        get
        {
            lock (_gate)
            {
                return _state.Groups.Count;
            }
        }
    }

    /// <summary>Reads what was known before the last stop: silences and what was told.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Silences.LoadAsync(cancellationToken);
        _saver.Load();
    }

    /// <summary>Puts a configuration in force. Groups form anew; the log keeps them from telling the same again.</summary>
    public async Task ApplyAsync(RoutingConfig config, RouterSettings settings, CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            RoutingState previous;
            lock (_gate)
            {
                previous = _state;
                Volatile.Write(ref _state, Compile(config, settings));
            }

            // Before groups form anew: two groups of one key must not tell at the same time.
            await previous.DisposeAsync();
            lock (_gate)
            {
                foreach (var alert in _alerts.Values)
                {
                    Route(alert);
                }
            }

            RoutingLog.RoutingApplied(_environment.Logger, config.Receivers.Count);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <inheritdoc />
    public void Publish(IReadOnlyList<AlertTransition> transitions)
    {
        foreach (var transition in transitions)
        {
            // What is only pending concerns nobody yet.
            if (transition.To == AlertState.Firing || transition.From == AlertState.Firing)
            {
                Take(ToAlert(transition));
                _metrics.Received(transition.To == AlertState.Firing, "rules");
            }
        }
    }

    /// <summary>Takes alerts that others send, and news of them.</summary>
    public void Post(IReadOnlyList<PostedAlert> alerts)
    {
        var now = Now;
        foreach (var posted in alerts)
        {
            var start = posted.StartsAt ?? posted.EndsAt ?? now;
            var alert = new RoutedAlert(posted.Labels)
            {
                Annotations = posted.Annotations,
                StartsAt = start,
                EndsAt = posted.EndsAt ?? now + Config.ResolveTimeout.ToTimeSpan(),
                EndsByTimeout = posted.EndsAt is null,
                UpdatedAt = now,
                GeneratorUrl = posted.GeneratorUrl,
            };
            Take(alert);
            _metrics.Received(!alert.IsResolvedAt(now), "v2");
        }
    }

    /// <summary>The alerts that are not resolved, with what becomes of them, by rising labels.</summary>
    public IReadOnlyList<RoutedAlertSnapshot> Alerts()
    {
        lock (_gate)
        {
            var now = Now;
            return [.. _alerts.Values.Where(a => !a.IsResolvedAt(now)).OrderBy(a => a.Labels).Select(a => SnapshotOf(a, now))];
        }
    }

    /// <summary>The groups with their alerts.</summary>
    public IReadOnlyList<AlertGroupSnapshot> Groups()
    {
        lock (_gate)
        {
            var now = Now;
            return [.. _state.Groups.Values
                .OrderBy(g => g.Labels).ThenBy(g => g.Route.Receiver, StringComparer.Ordinal).ThenBy(g => g.Route.Id, StringComparer.Ordinal)
                .Select(g => new AlertGroupSnapshot(
                    g.Labels,
                    g.Route.Receiver,
                    [.. g.Alerts.Where(a => !a.IsResolvedAt(now)).OrderBy(a => a.Labels).Select(a => SnapshotOf(a, now))])
                {
                    MutedBy = _state.Notifier.MutedBy(g.Route.Config, now),
                })
                .Where(g => g.Alerts.Count > 0)];
        }
    }

    /// <summary>The receivers an alert with these labels is told to, in the order of the route tree.</summary>
    public IReadOnlyList<string> ReceiversOf(LabelSet labels) => [.. Volatile.Read(ref _state).Root.Match(labels).Select(r => r.Receiver)];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _maintenance.DisposeAsync();
        await _state.DisposeAsync();
        await _saver.DisposeAsync();
        _metrics.Dispose();
        Silences.Dispose();
        _applying.Dispose();
    }

    /// <inheritdoc />
    void IAlertRefreshSink.Refresh(IReadOnlyList<AlertTransition> alerts)
    {
        foreach (var alert in alerts)
        {
            Take(ToAlert(alert));
        }
    }

    /// <summary>Completes when every flush that was due has ended.</summary>
    internal Task IdleAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_state.Groups.Values.Select(g => g.IdleAsync()));
        }
    }

    internal void CountInvalid() => _metrics.Invalid();

    private RoutingState Compile(RoutingConfig config, RouterSettings settings)
    {
        var inhibitor = new Inhibitor(config.InhibitRules);
        var factory = new IntegrationFactory(_environment.Files, _environment.Time);
        var integrations = config.Receivers.DistinctBy(r => r.Name).ToDictionary(r => r.Name, factory.Make);
        var notifier = new GroupNotifier(config, settings, integrations, new GroupNotifierEnvironment(
            _gate, inhibitor, Silences, _log, _saver.Changed, _metrics, _environment.Random, _environment.Time, _environment.Logger));
        return new RoutingState(config, settings, Routing.Route.Compile(config.Route), inhibitor, integrations, notifier);
    }

    private RoutedAlert ToAlert(AlertTransition transition)
    {
        var labels = new LabelSetBuilder().Start(transition.Labels);
        foreach (var (name, value) in Volatile.Read(ref _state).Settings.ExternalLabels.AsPairs())
        {
            if (!labels.Contains(name))
            {
                labels.Set(name, value);
            }
        }

        var now = Now;
        return new RoutedAlert(labels.Build())
        {
            Annotations = transition.Annotations,
            // When it began to fire. Later news keep the beginning that is known: they overlap, and so are merged.
            StartsAt = Earlier(transition.At, now),
            EndsAt = transition.To == AlertState.Firing ? RoutedAlert.Open : Earlier(transition.ResolvedAt ?? transition.At, now),
            UpdatedAt = now,
            GeneratorUrl = transition.GeneratorUrl,
        };
    }

    // A rule's time may be a little ahead of the clock; resolved is resolved all the same.
    private static DateTimeOffset Earlier(TimestampMs at, DateTimeOffset now) => at.ToDateTimeOffset() < now ? at.ToDateTimeOffset() : now;

    private void Take(RoutedAlert news)
    {
        lock (_gate)
        {
            var alert = _alerts.TryGetValue(news.Fingerprint, out var known) ? known.MergedWith(news) : news;
            _alerts[alert.Fingerprint] = alert;
            Route(alert);
        }
    }

    // Called under the gate.
    private void Route(RoutedAlert alert)
    {
        _state.Inhibitor.Update(alert);
        foreach (var route in _state.Root.Match(alert.Labels))
        {
            var labels = route.GroupLabels(alert.Labels);
            if (!_state.Groups.TryGetValue((route.Id, labels), out var group))
            {
                group = new AlertGroup(route, labels, new AlertGroupEnvironment(
                    _gate, _environment.Time, _state.Notifier.NotifyAsync, _environment.Logger));
                _state.Groups[(route.Id, labels)] = group;
                group.Start();
            }

            group.Insert(alert);
        }
    }

    private RoutedAlertSnapshot SnapshotOf(RoutedAlert alert, DateTimeOffset now)
    {
        var routes = _state.Root.Match(alert.Labels).ToArray();
        return new RoutedAlertSnapshot(alert.Labels, alert.Annotations)
        {
            Fingerprint = AlertFingerprint.ToText(alert.Fingerprint),
            StartsAt = alert.StartsAt,
            // Alerts of our own rules have no end in sight; tools want one.
            EndsAt = alert.EndsAt == RoutedAlert.Open ? now + _state.Config.ResolveTimeout.ToTimeSpan() : alert.EndsAt,
            UpdatedAt = alert.UpdatedAt,
            GeneratorUrl = alert.GeneratorUrl,
            Receivers = [.. routes.Select(r => r.Receiver).Distinct()],
            SilencedBy = Silences.SilencedBy(alert.Labels, now),
            InhibitedBy = [.. _state.Inhibitor.InhibitedBy(alert.Labels, now).Select(AlertFingerprint.ToText)],
            MutedBy = [.. routes.SelectMany(r => _state.Notifier.MutedBy(r.Config, now)).Distinct()],
        };
    }

    // Forgets what is over: groups without alerts, alerts resolved long ago, entries of the log.
    private void Maintain()
    {
        var now = Now;
        var empty = new List<AlertGroup>();
        lock (_gate)
        {
            foreach (var (key, group) in _state.Groups)
            {
                if (group.Alerts.Count == 0)
                {
                    _state.Groups.Remove(key);
                    empty.Add(group);
                }
            }

            foreach (var (fingerprint, alert) in _alerts)
            {
                if (alert.EndsAt != RoutedAlert.Open && alert.EndsAt + ResolvedRetention < now)
                {
                    _alerts.Remove(fingerprint);
                    _state.Inhibitor.Remove(alert);
                }
            }

            _state.Retire(empty);
        }

        _log.Expire(now);
    }
}
