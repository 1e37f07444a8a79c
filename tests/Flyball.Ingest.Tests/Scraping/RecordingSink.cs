using System.Threading.Channels;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Tests.Scraping;

/// <summary>A sink that remembers what it was given and hands out handles; tests wait for its batches instead of for time.</summary>
internal sealed class RecordingSink : ISampleSink
{
    private readonly Channel<IReadOnlyList<Stored>> _batches = Channel.CreateUnbounded<IReadOnlyList<Stored>>();
    private readonly Dictionary<LabelSet, ulong> _refs = [];
    private readonly Lock _gate = new();

    /// <summary>When set, appending fails with it.</summary>
    public IOException? Failure { get; set; }

    /// <summary>Series that came with a handle, and with a wrong one.</summary>
    public int KnownRefs { get; private set; }

    public int WrongRefs { get; private set; }

    public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Failure is not null)
        {
            throw Failure;
        }

        var stored = Read(batch);
        _batches.Writer.TryWrite(stored);
        return ValueTask.FromResult(new AppendReport(stored.Count, 0));
    }

    /// <summary>The next batch; waits until there is one.</summary>
    public async Task<IReadOnlyList<Stored>> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _batches.Reader.ReadAsync(patience.Token);
    }

    /// <summary>The next batch if there is one already.</summary>
    public bool TryNext(out IReadOnlyList<Stored>? batch) => _batches.Reader.TryRead(out batch);

    /// <summary>Reads a batch and gives its series handles, as a store does.</summary>
    public List<Stored> Read(SampleBatch batch)
    {
        lock (_gate)
        {
            for (var i = 0; i < batch.SeriesCount; i++)
            {
                var labels = batch.Labels(i);
                if (!_refs.TryGetValue(labels, out var id))
                {
                    _refs[labels] = id = (ulong)_refs.Count + 1;
                }

                KnownRefs += batch.Ref(i).Value != 0 ? 1 : 0;
                WrongRefs += batch.Ref(i).Value != 0 && batch.Ref(i).Value != id ? 1 : 0;
                batch.SetRef(i, new SeriesRef(id));
            }
        }

        var stored = new List<Stored>();
        for (var i = 0; i < batch.SampleCount; i++)
        {
            stored.Add(new Stored(batch.Labels(batch.SampleSeries[i]).ToString(), batch.TimestampsMs[i], batch.Values[i]));
        }

        return stored;
    }
}

/// <summary>One stored sample.</summary>
internal sealed record Stored(string Series, long AtMs, double Value)
{
    public bool IsMarker => StaleMarker.Is(Value);

    public override string ToString() => $"{Series} {(IsMarker ? "stale" : Value.ToString())}";
}
