using System.Threading.Channels;

namespace Flyball.Server.Live;

/// <summary>Tells every listening browser what just changed.</summary>
/// <remarks>Thread-safe. A listener that falls behind loses messages and is told to start over: its lists are a request away,
/// so memory is worth more than completeness here.</remarks>
internal sealed class LiveHub(int queueLength = 256)
{
    private readonly Lock _gate = new();
    private readonly List<Listener> _listeners = [];
    private long _lastId;

    /// <summary>Whether anybody listens; publishers skip building messages when not.</summary>
    public bool HasListeners
    {
        get
        {
            lock (_gate)
            {
                return _listeners.Count > 0;
            }
        }
    }

    /// <summary>Sends a message to everybody.</summary>
    /// <param name="kind">run, alert, action, journal or target.</param>
    /// <param name="json">One JSON value without line breaks, UTF-8.</param>
    public void Publish(string kind, ReadOnlyMemory<byte> json)
    {
        lock (_gate)
        {
            var message = new LiveMessage(++_lastId, kind, json);
            foreach (var listener in _listeners)
            {
                listener.Offer(message);
            }
        }
    }

    /// <summary>Listens until disposed.</summary>
    public Listener Listen()
    {
        var listener = new Listener(this, queueLength);
        lock (_gate)
        {
            _listeners.Add(listener);
        }

        return listener;
    }

    internal sealed class Listener(LiveHub hub, int queueLength) : IDisposable
    {
        private static readonly LiveMessage StartOver = new(0, "resync", "{}"u8.ToArray());

        private readonly Channel<LiveMessage> _queue = Channel.CreateBounded<LiveMessage>(queueLength);
        private bool _lost;

        public ChannelReader<LiveMessage> Messages => _queue.Reader;

        // Called under the hub's lock.
        public void Offer(LiveMessage message)
        {
            if (_lost && _queue.Writer.TryWrite(StartOver))
            {
                _lost = false;
            }

            _lost |= !_queue.Writer.TryWrite(message);
        }

        public void Dispose()
        {
            lock (hub._gate)
            {
                hub._listeners.Remove(this);
            }

            _queue.Writer.TryComplete();
        }
    }
}

/// <summary>One message of the live stream.</summary>
internal sealed record LiveMessage(long Id, string Kind, ReadOnlyMemory<byte> Json);
