using System.Threading.Channels;
using Flyball.Model.Time;

namespace Flyball.Server.PrometheusApi;

/// <summary>Something whoever runs the server should know now, in Prometheus' words.</summary>
internal sealed record Notification(string Text, TimestampMs At, bool Active);

/// <summary>What is to be known now, and who listens for changes. Thread-safe. Prometheus documentation, "HTTP API".</summary>
internal sealed class Notifications(TimeProvider time, int mostListeners = 16)
{
    /// <summary>A reload failed and the old configuration stays.</summary>
    public const string ReloadFailed = "Configuration reload has failed.";

    private const int QueueLength = 32;

    private readonly Lock _gate = new();
    private readonly List<Notification> _active = [];
    private readonly List<Channel<Notification>> _listeners = [];

    /// <summary>What is active, oldest first.</summary>
    public IReadOnlyList<Notification> Active
    {
        get
        {
            lock (_gate)
            {
                return [.. _active];
            }
        }
    }

    /// <summary>Raises or ends a notification; a repetition changes nothing.</summary>
    public void Set(string text, bool active)
    {
        lock (_gate)
        {
            var known = _active.Find(n => n.Text == text);
            if (known is not null == active)
            {
                return;
            }

            var changed = known is null ? new Notification(text, TimestampMs.Now(time), Active: true) : known with { Active = false };
            if (active)
            {
                _active.Add(changed);
            }
            else
            {
                _active.Remove(known!);
            }

            // A listener that reads nothing loses changes: what is active now is a request away.
            _listeners.ForEach(l => l.Writer.TryWrite(changed));
        }
    }

    /// <summary>Listens; the active ones come first. Null when too many listen already.</summary>
    public ChannelReader<Notification>? Listen()
    {
        lock (_gate)
        {
            if (_listeners.Count >= mostListeners)
            {
                return null;
            }

            var channel = Channel.CreateBounded<Notification>(QueueLength);
            _active.ForEach(n => channel.Writer.TryWrite(n));
            _listeners.Add(channel);
            return channel.Reader;
        }
    }

    /// <summary>Stops listening.</summary>
    public void Leave(ChannelReader<Notification> listener)
    {
        lock (_gate)
        {
            _listeners.RemoveAll(l => l.Reader == listener);
        }
    }
}
