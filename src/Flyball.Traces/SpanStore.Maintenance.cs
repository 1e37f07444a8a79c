using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Time;
using Flyball.Traces.Head;
using Flyball.Traces.Retention;
using Flyball.Traces.Segments;

namespace Flyball.Traces;

/// <content>What happens in the background: recovery at start, sealing, compaction, retention.</content>
public sealed partial class SpanStore
{
    /// <summary>Writes what is in memory to a segment now, whatever its size; does nothing when there is nothing.</summary>
    /// <exception cref="IOException">It could not be written; the spans stay in memory and in the log.</exception>
    internal void SealNow(CancellationToken cancellationToken)
    {
        long cut;
        SpanHead sealing;
        lock (_gate)
        {
            if (_sealing is null)
            {
                if (_head.Spans == 0)
                {
                    return;
                }

                _sealing = _head;
                _head = new SpanHead();
            }

            // After a failed attempt the same head is tried again and the newer one has grown meanwhile.
            sealing = _sealing;
            cut = _log.Cut();
        }

        var inputs = sealing.Pages.Select(MergeInput.Of).ToArray();
        var segment = _segments.Publish(inputs, [], SealQuality, _gate, () => Forget(sealing), cancellationToken);
        _metrics.Sealed();
        StoreLog.Sealed(_logger, segment.Footer.Spans, segment.Path, segment.Length);
        _log.DeleteBefore(OldestNeeded(cut));
    }

    /// <summary>Deletes what is too old or too much, then merges segments while there are enough of one size; damaged ones are set aside.</summary>
    internal void Maintain(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Expire();
                Thin(cancellationToken);
                while (MergeOnce(cancellationToken))
                {
                }

                return;
            }
            catch (DamagedFileException e) when (_segments.SetAside(e))
            {
                // The others are still to be looked after.
            }
        }
    }

    private bool MergeOnce(CancellationToken cancellationToken)
    {
        // The view holds the inputs: a query may meet damage in one of them and set it aside meanwhile.
        using var view = View();
        var chosen = MergeChoice.Next(view.Segments, _options);
        if (chosen.Length == 0)
        {
            return false;
        }

        // Inputs in order of their numbers: of equal duplicates the one that arrived last wins.
        Segment[] inputs = [.. chosen.OrderBy(s => s.Number)];
        Array.ForEach(inputs, s => s.CheckTraceTable());
        var merged = _segments.Publish([.. inputs.Select(MergeInput.Of)], inputs, MergeQuality, _gate, appeared: null, cancellationToken, ThinnedOf(inputs));
        _metrics.Merged();
        StoreLog.Merged(_logger, inputs.Length, merged.Path, merged.Footer.Spans, merged.Length);
        return true;
    }

    private void Recover(CancellationToken cancellationToken)
    {
        _segments.Open();
        _log.Replay(Replay, cancellationToken);
        StoreLog.Opened(_logger, _options.Directory, _segments.Current.Length, _segments.Spans, _head.Spans);
    }

    private void Replay(LogRecord record)
    {
        if (record.Type != LogRecordFormat.RecordType)
        {
            return;
        }

        try
        {
            _head.Add(LogRecordFormat.Read(record.Payload), record.Position.Segment);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            StoreLog.DamagedRecord(_logger, e);
            return;
        }

        if (IsFull(_head))
        {
            Signal(_sealSignal);
        }
    }

    private void Forget(SpanHead sealed_)
    {
        if (_sealing == sealed_)
        {
            _sealing = null;
        }

        _room.TrySetResult();
        _room = NewRoom();
    }

    private long OldestNeeded(long cut)
    {
        lock (_gate)
        {
            var oldest = Math.Min(cut, _head.OldestLogSegment);
            foreach (var segment in _inFlight.Keys)
            {
                oldest = Math.Min(oldest, segment);
            }

            return oldest;
        }
    }

    private void Expire()
    {
        var now = TimestampNs.Now(_time).Value;
        var oldestEnd = now - Math.Min(now, _retention.Oldest);
        var byAge = _segments.Current.OrderBy(s => s.Footer.MaxEnd).ToList();
        var gone = byAge.TakeWhile(s => s.Footer.MaxEnd < oldestEnd).ToList();
        if (_options.KeepBytes > 0)
        {
            var bytes = byAge.Sum(s => s.Length) - gone.Sum(s => s.Length);
            foreach (var segment in byAge.Skip(gone.Count).TakeWhile(_ => bytes > _options.KeepBytes).ToList())
            {
                bytes -= segment.Length;
                gone.Add(segment);
            }
        }

        if (gone.Count > 0)
        {
            gone.ForEach(s => StoreLog.Expired(_logger, s.Path, s.Footer.Spans));
            _metrics.Expired(gone.Count);
            _segments.Remove([.. gone]);
        }
    }

    // Segments that have passed an age at which some of their traces go are written anew without those.
    private void Thin(CancellationToken cancellationToken)
    {
        using var held = View();
        foreach (var segment in held.Segments.OrderBy(s => s.Footer.MaxEnd))
        {
            if (_retention.DueBorder(segment, TimestampNs.Now(_time).Value) is var border and > 0)
            {
                Thin(segment, border, cancellationToken);
            }
        }
    }

    private void Thin(Segment segment, ulong border, CancellationToken cancellationToken)
    {
        segment.CheckTraceTable();
        using var view = View();
        var kept = new Thinning(view, segment, _retention, border).Run(cancellationToken);
        var spans = kept.Sum(p => p.Count);
        if (spans == 0)
        {
            _segments.Remove([segment]);
        }
        else
        {
            // The new segment names the old one as replaced: a crash between its publishing and the old one's end leaves no copy behind.
            _segments.Publish(
                [.. kept.Select(MergeInput.Of)], [segment], MergeQuality, _gate, appeared: null, cancellationToken, new Thinned(_retention.Hash, border));
        }

        _metrics.Thinned(segment.Footer.Spans - spans);
        StoreLog.Thinned(_logger, segment.Path, segment.Footer.Spans - spans, spans);
    }

    // Of segments merged, what holds for all of them.
    private Thinned? ThinnedOf(Segment[] inputs) =>
        Array.TrueForAll(inputs, s => s.Footer.Thinned?.Policy == _retention.Hash)
            ? new Thinned(_retention.Hash, inputs.Min(s => s.Footer.Thinned!.Border)) : null;

    private async Task SealLoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(_sealSignal);
                while (NeedsSeal())
                {
                    SealNow(_stopping.Token);
                    Signal(_maintainSignal);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The disk may be full: wait for the next signal or interval, the log still holds everything.
                StoreLog.SealFailed(_logger, e);
            }
        }
    }

    private bool NeedsSeal()
    {
        lock (_gate)
        {
            return _sealing is not null || IsFull(_head);
        }
    }

    private async Task MaintainLoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(_maintainSignal);
                Maintain(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                StoreLog.MaintenanceFailed(_logger, e);
            }
        }
    }

    // Waits for a signal, or for the interval on the store's clock.
    private async Task WaitAsync(SemaphoreSlim signal)
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await using var timer = _time.CreateTimer(_ => interval.Cancel(), state: null, _options.MaintenanceInterval, Timeout.InfiniteTimeSpan);
        try
        {
            await signal.WaitAsync(interval.Token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // The interval is over: look around unasked.
        }
    }
}
