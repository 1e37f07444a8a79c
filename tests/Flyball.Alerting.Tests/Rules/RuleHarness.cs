using System.Threading.Channels;
using Flyball.Alerting.Rules;
using Flyball.Alerting.Rules.Evaluation;
using Flyball.Alerting.Rules.Files;
using Flyball.Alerting.Rules.Testing;
using Flyball.Configuration;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Alerting.Tests.Rules;

/// <summary>A rule manager on a test clock, a store in memory, and answers to its expressions made by the test.</summary>
internal sealed class RuleHarness : IRuleQuery, IAlertTransitionSink, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public RuleHarness(MemorySeries? store = null, TestClock? clock = null)
    {
        Store = store ?? new MemorySeries();
        Clock = clock ?? new TestClock();
        Manager = new RuleManager(
            new RuleEnvironment(new PromQLEngine(new PromQLOptions(), Clock), Store, Store, [this], Clock, NullLogger.Instance), this);
    }

    public TestClock Clock { get; }

    public MemorySeries Store { get; }

    public RuleManager Manager { get; }

    public RuleSettings Settings { get; set; } = new() { ExternalUrl = "http://flyball.test" };

    /// <summary>What every expression yields at a time; the text of the expression is its key.</summary>
    public Dictionary<string, Func<TimestampMs, IReadOnlyList<RuleSample>>> Answers { get; } = [];

    public List<(string Expression, TimestampMs At)> Evaluations { get; } = [];

    public Channel<AlertTransition> Transitions { get; } = Channel.CreateUnbounded<AlertTransition>();

    public static IReadOnlyList<RuleSample> Vector(params (string Job, double Value)[] elements) =>
        [.. elements.Select(e => new RuleSample(LabelSet.Of(("__name__", "up"), ("job", e.Job)), e.Value, null))];

    public static IReadOnlyList<RuleGroupConfig> Parse(string yaml)
    {
        var problems = new ConfigProblems();
        var groups = RuleFileReader.Read("rules.yml", yaml, problems);
        Assert.Empty(problems.All);
        return groups;
    }

    public Task ApplyAsync(string yaml) => Manager.ApplyAsync(Parse(yaml), Settings, TestContext.Current.CancellationToken);

    /// <summary>Lets time pass and waits for the evaluations that fell due.</summary>
    public async Task AdvanceAsync(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        await SettleAsync();
    }

    public Task SettleAsync() => Manager.IdleAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);

    public IReadOnlyList<AlertTransition> DrainTransitions()
    {
        var all = new List<AlertTransition>();
        while (Transitions.Reader.TryRead(out var transition))
        {
            all.Add(transition);
        }

        return all;
    }

    public async ValueTask<IReadOnlyList<RuleSample>> EvaluateAsync(PromQLExpression expression, TimestampMs at, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Evaluations.Add((expression.Text, at));
        return Answers.TryGetValue(expression.Text, out var answer) ? answer(at) : [];
    }

    public void Publish(IReadOnlyList<AlertTransition> transitions)
    {
        foreach (var transition in transitions)
        {
            Transitions.Writer.TryWrite(transition);
        }
    }

    public ValueTask DisposeAsync() => Manager.DisposeAsync();
}
