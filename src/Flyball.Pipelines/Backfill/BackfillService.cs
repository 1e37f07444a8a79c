using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Tekton;
using Flyball.Pipelines.Tracking;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.Backfill;

/// <summary>Catches up with runs that no webhook told of: at the start, every so often, and when asked.</summary>
/// <remarks>One loop per source, page after page; after each page its cursor is kept, so a restart goes on in the middle. What is read twice is
/// the same fact.</remarks>
public sealed class BackfillService : IAsyncDisposable
{
    // Clocks differ, and lists lag.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly BackfillOptions _options;
    private readonly RunTracker _tracker;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Meter _meter = new("Flyball.Pipelines");
    private readonly Counter<long> _runs;
    private readonly Counter<double> _waited;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string System, string Target), BackfillProgress> _progress = [];
    private readonly Channel<TimeSpan?>[] _requests;
    private Task _loops = Task.CompletedTask;

    /// <summary>Makes a service; it begins with <see cref="Start"/>.</summary>
    public BackfillService(BackfillOptions options, RunTracker tracker, TimeProvider time, ILogger<BackfillService>? log = null)
    {
        _options = options;
        _tracker = tracker;
        _time = time;
        _log = log ?? NullLogger<BackfillService>.Instance;
        _runs = _meter.CreateCounter<long>("flyball_backfill_runs_total", null, "Runs that were read from REST APIs.");
        _waited = _meter.CreateCounter<double>("flyball_backfill_wait_seconds_total", "s", "Time that servers wanted to be left alone.");
        _requests = [.. options.Sources.Select(_ => Channel.CreateBounded<TimeSpan?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }))];
        foreach (var source in options.Sources)
        {
            foreach (var target in source.Targets)
            {
                _progress[(source.System, target)] = new BackfillProgress(source.System, target, "waiting", 0, default);
            }
        }
    }

    /// <summary>How far each target is.</summary>
    public IReadOnlyList<BackfillProgress> Progress
    {
        get
        {
            lock (_gate)
            {
                return [.. _progress.Values];
            }
        }
    }

    /// <summary>Begins with a pass over every source.</summary>
    public void Start() => _loops = Task.WhenAll(_options.Sources.Select((s, i) => RunAsync(s, _requests[i].Reader, _stopping.Token)));

    /// <summary>Asks for a pass; one that waits already is enough.</summary>
    /// <param name="system">Of which system; null = of all.</param>
    /// <param name="since">How far to look back; null = from where the last pass came to.</param>
    /// <returns>Number of sources that will be asked.</returns>
    public int Request(string? system, TimeSpan? since)
    {
        var count = 0;
        for (var i = 0; i < _requests.Length; i++)
        {
            if (system is null || _options.Sources[i].System == system)
            {
                foreach (var target in _options.Sources[i].Targets)
                {
                    Tell(_options.Sources[i], target, p => p.State is "reading" or "limited" ? p : p with { State = "waiting", Message = "" });
                }

                _requests[i].Writer.TryWrite(since);
                count++;
            }
        }

        return count;
    }

    /// <summary>Stops; what is not read follows after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loops;
        _stopping.Dispose();
        _meter.Dispose();
    }

    private IRunReader ReaderOf(string system) => system switch
    {
        "github" => new GitHubReader(),
        "gitlab" => new GitLabReader(),
        "buildkite" => new BuildkiteReader(),
        "jenkins" => new JenkinsReader(_time),
        "tekton" => new TektonResultsReader(),
        _ => throw new ArgumentException($"there is no back-fill of {system}", nameof(system)),
    };

    private async Task RunAsync(BackfillSource source, ChannelReader<TimeSpan?> requests, CancellationToken stopping)
    {
        TimeSpan? since = null;
        try
        {
            while (true)
            {
                await PassAsync(source, since, stopping);
                since = await NextRequestAsync(source, requests, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task<TimeSpan?> NextRequestAsync(BackfillSource source, ChannelReader<TimeSpan?> requests, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var asked = requests.WaitToReadAsync(either.Token).AsTask();
        var timer = source.Every is { } every ? Task.Delay(every, _time, either.Token) : Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
        await Task.WhenAny(asked, timer);
        await either.CancelAsync();
        stopping.ThrowIfCancellationRequested();
        return requests.TryRead(out var since) ? since : null;
    }

    private async Task PassAsync(BackfillSource source, TimeSpan? since, CancellationToken stopping)
    {
        var reader = ReaderOf(source.System);
        var address = source.Url ?? reader.DefaultAddress ?? throw new ArgumentException($"{source.System} needs a url");
        using var api = new RestClient(address, request => Prove(reader, request, source), _options, _time);
        foreach (var target in source.Targets)
        {
            api.OnWait = wait =>
            {
                _waited.Add(wait.TotalSeconds, new KeyValuePair<string, object?>("system", source.System));
                Tell(source, target, p => p with { State = wait > TimeSpan.Zero ? "limited" : "reading" });
            };
            try
            {
                await ReadAsync(reader, api, source, target, since, stopping);
            }
            catch (Exception e) when (e is BackfillException or IOException)
            {
                // The others may still answer.
                if (e is BackfillException { IsPageGone: true })
                {
                    ForgetPage(source, target);
                }

                Tell(source, target, p => p with { State = "failed", Message = e.Message });
                BackfillLog.Failed(_log, source.System, target, Progress.First(p => p.System == source.System && p.Target == target).Runs, e);
            }
        }
    }

    private void ForgetPage(BackfillSource source, string target)
    {
        var name = NameOf(source, target);
        if (BackfillCursor.Parse(_options.Cursors.Load(name)) is { Page: not null } cursor)
        {
            _options.Cursors.Save(name, (cursor with { Page = null }).ToText());
        }
    }

    private static string NameOf(BackfillSource source, string target) => $"{source.System} {source.Url} {target}";

    private static void Prove(IRunReader reader, HttpRequestMessage request, BackfillSource source)
    {
        if (source.Token() is { Length: > 0 } credential)
        {
            reader.Prove(request, credential);
        }
    }

    private async Task ReadAsync(
        IRunReader reader, RestClient api, BackfillSource source, string target, TimeSpan? since, CancellationToken stopping)
    {
        var name = NameOf(source, target);
        var now = _time.GetUtcNow();
        var cursor = (since is null ? BackfillCursor.Parse(_options.Cursors.Load(name)) : null) ?? new BackfillCursor(now - (since ?? source.Since));
        cursor = cursor.StartedAt is null ? cursor with { StartedAt = now } : cursor;
        Tell(source, target, p => p with { State = "reading", Runs = 0, Since = TimestampMs.From(cursor.Since), Message = "" });
        DateTimeOffset? oldestOpen = null;
        var count = 0;
        do
        {
            var page = await reader.ReadAsync(api, target, cursor.Since, cursor.Page, stopping);
            foreach (var run in page.Runs)
            {
                await _tracker.ApplyAsync([.. run.Select(f => PastFacts.Place(f, TimestampNs.Now(_time)))], stopping);
                oldestOpen = Earlier(oldestOpen, OpenSince(run));
                count++;
                _runs.Add(1, new KeyValuePair<string, object?>("system", source.System));
                Tell(source, target, p => p with { Runs = count });
            }

            cursor = cursor with { Page = page.Next };
            _options.Cursors.Save(name, cursor.ToText());
        }
        while (cursor.Page is not null);

        _options.Cursors.Save(name, new BackfillCursor(NextSince(cursor.StartedAt!.Value, oldestOpen)).ToText());
        Tell(source, target, p => p with { State = "done" });
        BackfillLog.Done(_log, source.System, target, count);
    }

    // The next pass begins before what had not ended: lists go by creation.
    private static DateTimeOffset NextSince(DateTimeOffset passStarted, DateTimeOffset? oldestOpen) =>
        Earlier(passStarted, oldestOpen)!.Value - Overlap;

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    private static DateTimeOffset? OpenSince(IReadOnlyList<RunFact> run) =>
        run.FirstOrDefault(f => f.Life is { State: not null and not RunState.Finished })?.Life!.CreatedAt is { } created
            ? DateTimeOffset.FromUnixTimeMilliseconds(created.ToMs().Value)
            : null;

    private void Tell(BackfillSource source, string target, Func<BackfillProgress, BackfillProgress> change)
    {
        lock (_gate)
        {
            _progress[(source.System, target)] = change(_progress[(source.System, target)]);
        }
    }
}
