using Flyball.Actions.Configuration;
using Flyball.Actions.Policy;
using Flyball.Actions.Records;
using Flyball.Configuration;
using Flyball.Durable.Journal;
using Flyball.Model.Alerts;
using Flyball.Model.Journaling;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Actions.Tests.Policy;

/// <summary>An engine on a journal in memory, with real little programs as actions.</summary>
internal sealed class PolicyBench : IAsyncDisposable, IPolicyCondition, IActionObserver
{
    private readonly FileJournal _journal;
    private readonly List<ActionRecord> _told = [];
    private long _instance;

    private PolicyBench(string policies, FaultyFileSystem files, TestClock clock)
    {
        Files = files;
        Clock = clock;
        _journal = FileJournal.Open(files, "/journal", new JournalOptions(), clock, log: null, CancellationToken.None);
        Engine = new PolicyEngine(Config(policies), new PolicyEngineOptions(), _journal, this, clock);
        Engine.AddObserver(this);
    }

    public FaultyFileSystem Files { get; }

    public TestClock Clock { get; }

    public PolicyEngine Engine { get; }

    public IJournal Journal => _journal;

    /// <summary>What the condition answers; null = it cannot be answered.</summary>
    public bool? ConditionHolds { get; set; } = true;

    public List<string> Queries { get; } = [];

    public static async Task<PolicyBench> StartAsync(string policies, FaultyFileSystem? files = null, TestClock? clock = null)
    {
        var bench = new PolicyBench(policies, files ?? new FaultyFileSystem(), clock ?? new TestClock());
        await bench.Engine.StartAsync(CancellationToken.None);
        return bench;
    }

    public static ActionsConfig Config(string yaml)
    {
        var problems = new ConfigProblems();
        var root = new YamlSection("flyball.yml", YamlFile.Load("flyball.yml", yaml, problems)!, problems);
        var config = ActionsConfigReader.Read(root, "/tmp");
        Assert.Empty(problems.All);
        return config;
    }

    /// <summary>An alert of its own instance.</summary>
    public AlertTransition Alert(params (string Name, string Value)[] labels)
    {
        (string, string)[] all = [("alertname", "TaskFailed"), .. labels];
        return new AlertTransition(LabelSet.Of(all), AlertState.Pending, AlertState.Firing, TimestampMs.Now(Clock))
        {
            ActiveAt = new TimestampMs(1000 * ++_instance),
        };
    }

    /// <summary>Publishes an alert and waits until everything that follows from it is in the journal.</summary>
    public async Task<ActionRecord> FireAsync(AlertTransition alert)
    {
        var known = Engine.NewestFirst().Select(r => r.Id).ToHashSet();
        Engine.Publish([alert]);
        return await WaitAsync(() => Engine.NewestFirst().FirstOrDefault(r => !known.Contains(r.Id) && !r.IsOpen));
    }

    /// <summary>Waits until something is there.</summary>
    public async Task<T> WaitAsync<T>(Func<T?> find)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            if (find() is { } found)
            {
                return found;
            }

            await Task.Delay(2, limit.Token);
        }
    }

    public async Task<List<JournalEntry>> EntriesAsync()
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in _journal.ReadAsync(0, CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }

    public ValueTask<bool> HoldsAsync(string query, CancellationToken cancellationToken)
    {
        lock (Queries)
        {
            Queries.Add(query);
        }

        return ConditionHolds is { } holds ? ValueTask.FromResult(holds) : throw new PolicyConditionException("the store is down");
    }

    public void OnActionChanged(ActionRecord record)
    {
        lock (_told)
        {
            _told.Add(record);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _journal.Dispose();
    }
}
