using System.Globalization;
using Flyball.Durable.Files;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.History;

/// <summary>Runs that gave up their place in memory, in columns on disk: as many as the disk holds, for as long as retention says.</summary>
/// <remarks>
/// How a run gets here: 1. <see cref="Take"/> accepts it; it can be found at once, its facts are still in the run log.
/// 2. <see cref="Seal"/> writes what was taken as one page, published atomically. 3. Only then may the run log let go of the facts.
/// A run may be here several times; the latest copy counts and names the row it supersedes. Safe from many threads.
/// </remarks>
public sealed class RunHistory : IDisposable
{
    private const string PageSuffix = ".runs";

    private readonly RunHistoryOptions _options;
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IDisposable _lock;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, HashFilter> _filters = [];
    private RunPage[] _pages = [];
    private PipelineRun[] _taken = [];
    private readonly List<RunPage> _retired = [];
    private int _views;
    private long _nextNumber = 1;

    private RunHistory(RunHistoryOptions options, IFileSystem files, TimeProvider time, ILogger log)
    {
        _options = options;
        _files = files;
        _time = time;
        _log = log;
        AtomicPublish.CreateDirectory(files, options.Directory);
        _lock = files.Lock(Path.Combine(options.Directory, "lock"));
    }

    /// <summary>Number of runs, earlier copies counted too.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _pages.Sum(p => (long)p.Count) + _taken.Length;
            }
        }
    }

    /// <summary>Bytes on disk.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _pages.Sum(p => p.Bytes);
            }
        }
    }

    /// <summary>Opens the history of a folder, creating it if there is none. Pages that are damaged are set aside and named in the log.</summary>
    /// <exception cref="IOException">The folder cannot be read or created, or somebody else has it open.</exception>
    /// <exception cref="UnknownVersionException">A later version of the program wrote a page.</exception>
    public static RunHistory Open(RunHistoryOptions options, IFileSystem files, TimeProvider time, ILogger<RunHistory>? log)
    {
        var history = new RunHistory(options, files, time, (ILogger?)log ?? NullLogger.Instance);
        try
        {
            history.OpenPages();
            return history;
        }
        catch
        {
            history.Dispose();
            throw;
        }
    }

    /// <summary>A run by the trace it is; null if it is not here.</summary>
    internal PipelineRun? Find(TraceId trace)
    {
        using var view = View();
        return view.Taken.LastOrDefault(r => r.TraceId == trace) ?? FindIn(view.Pages, trace.High, p => p.Find(trace));
    }

    /// <summary>A run by its key; null if it is not here.</summary>
    internal PipelineRun? Find(RunKey key)
    {
        using var view = View();
        return view.Taken.LastOrDefault(r => r.Key == key) ?? FindIn(view.Pages, RunPage.HashOf(key), p => p.Find(key));
    }

    /// <summary>Whether a run is on disk here.</summary>
    internal bool Contains(RunKey key)
    {
        using var view = View();
        var hash = RunPage.HashOf(key);
        return view.Pages.Any(p => MayContain(p, hash) && p.Find(key) >= 0);
    }

    /// <summary>Takes runs over. Quick: a caller may hold locks.</summary>
    internal void Take(IReadOnlyList<PipelineRun> runs)
    {
        lock (_gate)
        {
            var again = runs.Select(r => r.TraceId).ToHashSet();
            _taken = [.. _taken.Where(r => !again.Contains(r.TraceId)), .. runs];
        }
    }

    /// <summary>Whether runs wait for <see cref="Seal"/>.</summary>
    internal bool HasTaken => _taken.Length > 0;

    /// <summary>What is here at this moment.</summary>
    internal HistoryView View()
    {
        lock (_gate)
        {
            _views++;
            return new HistoryView(_pages, _taken, Release);
        }
    }

    /// <summary>Writes what was taken as a page and deletes what is beyond retention.</summary>
    /// <exception cref="IOException">The page could not be written; everything is as before.</exception>
    internal void Seal()
    {
        using var view = View();
        var taken = view.Taken;
        if (taken.Count > 0)
        {
            var superseded = Supersede(view.Pages, taken);
            var path = PathOf(_nextNumber);
            AtomicPublish.WriteFile(_files, path, RunPageWriter.Write(taken, superseded));
            var page = RunPage.Open(_files, path, _nextNumber);
            lock (_gate)
            {
                _nextNumber++;
                Add(page);
                _taken = [.. _taken.Except(taken, ReferenceEqualityComparer.Instance).Cast<PipelineRun>()];
            }
        }

        Retire();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var page in _pages.Concat(_retired))
            {
                page.Dispose();
            }

            _pages = [];
            _retired.Clear();
        }

        _lock.Dispose();
    }

    private void OpenPages()
    {
        AtomicPublish.DeleteLeftovers(_files, _options.Directory);
        foreach (var entry in _files.List(_options.Directory).Where(e => e.Name.EndsWith(PageSuffix, StringComparison.Ordinal)))
        {
            if (!long.TryParse(entry.Name.AsSpan(0, entry.Name.Length - PageSuffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            _nextNumber = Math.Max(_nextNumber, number + 1);
            var path = PathOf(number);
            try
            {
                Add(RunPage.Open(_files, path, number));
            }
            catch (DamagedFileException e)
            {
                HistoryLog.SetAside(_log, path, e);
            }
        }

        HistoryLog.Opened(_log, Count, _pages.Length, Bytes);
    }

    private void Add(RunPage page)
    {
        var filter = new HashFilter(page.Count * 2);
        foreach (var hash in page.KeyHashes())
        {
            filter.Add(hash);
        }

        for (var row = 0; row < page.Count; row++)
        {
            filter.Add(page.TraceIdOf(row).High);
        }

        foreach (var (number, row) in page.Supersedes())
        {
            Array.Find(_pages, p => p.Number == number)?.Supersede(row);
        }

        _filters[page.Number] = filter;
        _pages = [.. _pages, page];
    }

    private List<(long Page, int Row)> Supersede(IReadOnlyList<RunPage> pages, IReadOnlyList<PipelineRun> taken)
    {
        var found = new List<(long, int)>();
        foreach (var run in taken)
        {
            foreach (var page in pages)
            {
                if (MayContain(page, run.TraceId.High) && page.Find(run.TraceId) is var row and >= 0)
                {
                    found.Add((page.Number, row));
                }
            }
        }

        return found;
    }

    private PipelineRun? FindIn(IReadOnlyList<RunPage> pages, ulong hash, Func<RunPage, int> find)
    {
        for (var i = pages.Count - 1; i >= 0; i--)
        {
            if (MayContain(pages[i], hash) && find(pages[i]) is var row and >= 0)
            {
                return pages[i].Read(row);
            }
        }

        return null;
    }

    private bool MayContain(RunPage page, ulong hash)
    {
        lock (_gate)
        {
            return _filters.TryGetValue(page.Number, out var filter) && filter.MayContain(hash);
        }
    }

    private void Release()
    {
        RunPage[] gone = [];
        lock (_gate)
        {
            if (--_views == 0 && _retired.Count > 0)
            {
                gone = [.. _retired];
                _retired.Clear();
            }
        }

        Array.ForEach(gone, p => p.Dispose());
    }

    // Readers may still be in a page that goes: it is unmapped when the last view that knows it ends.
    private void Retire()
    {
        RunPage[] gone;
        lock (_gate)
        {
            var oldest = _options.KeepFor == TimeSpan.Zero ? 0 : TimestampNs.From(_time.GetUtcNow() - _options.KeepFor).Value;
            var excess = _options.KeepBytes == 0 ? 0 : _pages.Sum(p => p.Bytes) - _options.KeepBytes;
            gone = [.. _pages.Where(p =>
            {
                var tooMuch = excess > 0;
                excess -= tooMuch ? p.Bytes : 0;
                return tooMuch || Math.Max(p.LastBegin, p.LastEnd) < oldest;
            })];
            _pages = [.. _pages.Except(gone)];
            foreach (var page in gone)
            {
                _filters.Remove(page.Number);
            }

            _retired.AddRange(gone);
        }

        foreach (var page in gone)
        {
            _files.Delete(page.Path);
        }

        if (gone.Length > 0)
        {
            HistoryLog.Retired(_log, gone.Length);
        }
    }

    private string PathOf(long number) =>
        Path.Combine(_options.Directory, number.ToString("D8", CultureInfo.InvariantCulture) + PageSuffix);
}
