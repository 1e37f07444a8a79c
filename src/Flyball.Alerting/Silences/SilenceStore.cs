using Flyball.Model.Journaling;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Silences;

/// <summary>The silences there are. Each change is an entry of the journal before it takes effect; state is a fold over them.</summary>
/// <remarks>Safe from many threads. An ended silence is remembered for five days, as Alertmanager does.</remarks>
public sealed class SilenceStore : IDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(120);

    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _changing = new(1);

    // Replaced as a whole by each change: there are few, and they are asked for every alert of every flush.
    private volatile IReadOnlyDictionary<string, Silence> _silences = new Dictionary<string, Silence>();

    /// <summary>Makes a store; <see cref="LoadAsync"/> fills it.</summary>
    public SilenceStore(IJournal journal, TimeProvider time)
    {
        _journal = journal;
        _time = time;
    }

    /// <summary>All that are remembered.</summary>
    public IReadOnlyList<Silence> All => [.. _silences.Values];

    /// <summary>Reads the journal. Once, before anything else.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var silences = new Dictionary<string, Silence>();
        await foreach (var entry in _journal.ReadAsync(0, cancellationToken))
        {
            if (SilenceJournal.TryRead(entry, out var silence))
            {
                silences[silence.Id] = silence;
            }
        }

        _silences = Remembered(silences);
    }

    /// <summary>Finds one by its id.</summary>
    public Silence? Find(string id) => _silences.GetValueOrDefault(id);

    /// <summary>Ids of the active silences that accept the labels.</summary>
    public IReadOnlyList<string> SilencedBy(LabelSet labels, DateTimeOffset now)
    {
        List<string>? ids = null;
        foreach (var silence in _silences.Values)
        {
            if (silence.StateAt(now) == SilenceState.Active && silence.Accepts(labels))
            {
                (ids ??= []).Add(silence.Id);
            }
        }

        return (IReadOnlyList<string>?)ids ?? [];
    }

    /// <summary>Makes a silence, or changes the one of its id. Where that cannot be changed so, it ends and a new one begins.</summary>
    /// <returns>The id of the silence that holds now.</returns>
    /// <exception cref="SilenceRefusedException">It is not valid, or there is none of its id.</exception>
    public async Task<string> SetAsync(Silence wanted, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            Check(wanted, now);
            Silence? known = null;
            if (wanted.Id.Length > 0 && !_silences.TryGetValue(wanted.Id, out known))
            {
                throw new SilenceRefusedException("silence not found", isUnknown: true);
            }

            if (known is not null && CanBecome(known, wanted, now))
            {
                await StoreAsync("silence.updated", wanted with { UpdatedAt = now }, cancellationToken);
                return wanted.Id;
            }

            if (known is not null && known.StateAt(now) != SilenceState.Expired)
            {
                await StoreAsync("silence.expired", Ended(known, now), cancellationToken);
            }

            var start = wanted.StartsAt < now ? now : wanted.StartsAt;
            var made = wanted with { Id = Guid.NewGuid().ToString(), StartsAt = start, UpdatedAt = now };
            await StoreAsync("silence.created", made, cancellationToken);
            return made.Id;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Ends a silence now; one that is over stays as it is.</summary>
    /// <exception cref="SilenceRefusedException">There is none of that id.</exception>
    public async Task ExpireAsync(string id, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            var silence = Find(id) ?? throw new SilenceRefusedException("silence not found", isUnknown: true);
            if (silence.StateAt(now) != SilenceState.Expired)
            {
                await StoreAsync("silence.expired", Ended(silence, now), cancellationToken);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _changing.Dispose();

    private static void Check(Silence silence, DateTimeOffset now)
    {
        if (silence.Matchers.Count == 0)
        {
            throw new SilenceRefusedException("silence invalid: at least one matcher required");
        }

        if (silence.Matchers.All(m => m.MatchesEmpty))
        {
            throw new SilenceRefusedException("silence invalid: at least one matcher must not match the empty string");
        }

        if (silence.EndsAt <= silence.StartsAt)
        {
            throw new SilenceRefusedException("Failed to create silence: start time must be before end time");
        }

        if (silence.EndsAt < now)
        {
            throw new SilenceRefusedException("Failed to create silence: end time can't be in the past");
        }
    }

    // What has begun keeps its beginning; nothing changes what it silences.
    private static bool CanBecome(Silence known, Silence wanted, DateTimeOffset now) =>
        known.HasSameMatchersAs(wanted) && known.StateAt(now) switch
        {
            SilenceState.Active => wanted.StartsAt.ToUnixTimeSeconds() == known.StartsAt.ToUnixTimeSeconds() && wanted.EndsAt >= now,
            SilenceState.Pending => wanted.StartsAt >= now,
            _ => false,
        };

    private static Silence Ended(Silence silence, DateTimeOffset now) =>
        silence with { EndsAt = now, StartsAt = silence.StartsAt > now ? now : silence.StartsAt, UpdatedAt = now };

    private async Task StoreAsync(string kind, Silence silence, CancellationToken cancellationToken)
    {
        await _journal.AppendAsync(SilenceJournal.Draft(kind, silence), expectedHead: null, cancellationToken);
        _silences = Remembered(new Dictionary<string, Silence>(_silences) { [silence.Id] = silence });
    }

    private Dictionary<string, Silence> Remembered(Dictionary<string, Silence> silences)
    {
        var oldest = _time.GetUtcNow() - Retention;
        foreach (var (id, silence) in silences)
        {
            if (silence.EndsAt < oldest)
            {
                silences.Remove(id);
            }
        }

        return silences;
    }
}
