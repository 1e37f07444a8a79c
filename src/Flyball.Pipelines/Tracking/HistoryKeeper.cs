using System.Threading.Channels;
using Flyball.Model.Runs;
using Flyball.Pipelines.History;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Tracking;

/// <summary>Writes the runs that left memory to the history, then lets the run log go of their facts; in this order, so that at every
/// moment one of the two has them.</summary>
internal sealed class HistoryKeeper
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromHours(1);

    private readonly RunHistory _history;
    private readonly RunBook _book;
    private readonly IRunLog _runLog;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public HistoryKeeper(RunHistory history, RunBook book, IRunLog runLog, TimeProvider time, ILogger log)
    {
        _history = history;
        _book = book;
        _runLog = runLog;
        _time = time;
        _log = log;
        book.OnLeft = () => _wake.Writer.TryWrite(true);
    }

    /// <summary>Works until it is stopped. What is not written by then is still in the run log.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var wait = TimeSpan.Zero;
        var retry = FirstRetry;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await KeepAsync(stopping);
                wait = RetentionInterval;
                retry = FirstRetry;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                PipelinesLog.HistoryFailed(_log, retry.TotalSeconds, e);
                wait = retry;
                retry = retry * 2 < MostRetry ? retry * 2 : MostRetry;
            }

            await WaitAsync(wait, stopping);
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var anythingNew = _history.HasTaken;
        _history.Seal();
        if (anythingNew)
        {
            // A run that came back into memory needs its facts until it leaves again. A run has many facts: it is looked up once.
            var known = new Dictionary<RunKey, bool>();
            await _runLog.ForgetAsync(
                run => known.TryGetValue(run, out var kept) ? kept : known[run] = _book.Find(run) is null && _history.Contains(run),
                cancellationToken);
        }
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var timer = Task.Delay(wait, _time, limit.Token);
        await Task.WhenAny(timer, _wake.Reader.WaitToReadAsync(limit.Token).AsTask());
        await limit.CancelAsync();
        _wake.Reader.TryRead(out _);
    }
}
