using System.Globalization;
using System.Text;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Random data, random queries, two engines: a real Prometheus over its API and ours must give the same answers.</summary>
/// <remarks>FLYBALL_DIFFERENTIAL_QUERIES sets how many (nightly: 20000), FLYBALL_DIFFERENTIAL_SEED where to begin,
/// FLYBALL_PEER_PROMETHEUS which Prometheus.</remarks>
public sealed class DifferentialTests
{
    private const int QueriesPerData = 250;
    private const int MostReported = 25;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_queries_are_answered_as_by_Prometheus(bool delayNames)
    {
        var stopping = TestContext.Current.CancellationToken;
        var peer = await PeerPrometheus.RequireAsync(stopping);
        Assert.SkipWhen(delayNames && !peer.IsAtLeast(3, 0), "names of metrics are dropped at the end only since 3.0");
        var wanted = Setting("FLYBALL_DIFFERENTIAL_QUERIES", 1000);
        var seed = Setting("FLYBALL_DIFFERENTIAL_SEED", 1);
        var report = new List<string>();
        for (var done = 0; done < wanted && report.Count < MostReported; done += QueriesPerData, seed++)
        {
            await using var round = await DifferentialRound.StartAsync(seed, peer, delayNames, stopping);
            report.AddRange(await round.RunAsync(Math.Min(QueriesPerData, wanted - done), stopping));
        }

        Assert.True(report.Count == 0, $"{report.Count} differences\n\n{string.Join("\n\n", report.Take(MostReported))}");
    }

    /// <summary>For a question of a report: FLYBALL_DIFFERENTIAL_QUERY and FLYBALL_DIFFERENTIAL_TIME (seconds) over the data of a seed;
    /// FLYBALL_DIFFERENTIAL_STEP (seconds) for a second point in time.</summary>
    [Fact(Explicit = true)]
    public async Task Shows_the_answer_of_Prometheus()
    {
        var stopping = TestContext.Current.CancellationToken;
        var peer = await PeerPrometheus.RequireAsync(stopping);
        await using var round = await DifferentialRound.StartAsync(Setting("FLYBALL_DIFFERENTIAL_SEED", 1), peer, delayNames: false, stopping);
        var query = new QueryTree(ValueKind.None, Environment.GetEnvironmentVariable("FLYBALL_DIFFERENTIAL_QUERY") ?? "up");
        var at = Setting("FLYBALL_DIFFERENTIAL_TIME", (int)(PeerData.StartMs / 1000)) * 1000L;
        var step = Setting("FLYBALL_DIFFERENTIAL_STEP", 0) * 1000L;
        Assert.Skip(await round.ShowAsync(new PeerQuestion(query, at, at + step, step, IsRange: step > 0), stopping));
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

/// <summary>One set of data in both engines, and questions about it.</summary>
internal sealed class DifferentialRound : IAsyncDisposable
{
    private const int MostShrinkingSteps = 400;

    private readonly MemorySeriesSource _source = new();
    private readonly PeerPrometheus _prometheus;
    private readonly PromQLEngine _engine;
    private readonly QueryGrammar _grammar;
    private readonly Random _random;
    private readonly PeerVersion _peer;
    private readonly int _seed;

    private DifferentialRound(int seed, PeerVersion peer, bool delayNames, PeerPrometheus prometheus)
    {
        (_seed, _prometheus, _peer) = (seed, prometheus, peer);
        _random = new Random(seed);
        _grammar = new QueryGrammar(_random, peer);
        var features = PromQLFeatures.All with { DelayedNameRemoval = delayNames, UseStartTimestamps = false, TypeAndUnitLabels = false };
        _engine = new PromQLEngine(new PromQLOptions { Features = features }, TimeProvider.System);
    }

    public static async Task<DifferentialRound> StartAsync(int seed, PeerVersion peer, bool delayNames, CancellationToken cancellationToken)
    {
        var features = "promql-experimental-functions,native-histograms,promql-duration-expr,promql-extended-range-selectors,promql-binop-fill-modifiers"
            + (delayNames ? ",promql-delayed-name-removal" : "");
        var round = new DifferentialRound(seed, peer, delayNames, await PeerPrometheus.StartAsync(features, cancellationToken));
        try
        {
            var data = new PeerData(new Random(seed), peer).Fill();
            await round._prometheus.WriteAsync(data, cancellationToken);
            round.Fill(data);
            return round;
        }
        catch
        {
            await round.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks so many questions.</summary>
    /// <returns>The differences, each with the smallest question that shows it.</returns>
    public async Task<List<string>> RunAsync(int questions, CancellationToken cancellationToken)
    {
        var report = new List<string>();
        for (var i = 0; i < questions; i++)
        {
            var question = NextQuestion();
            if (await DifferenceAsync(question, cancellationToken) is not { } difference)
            {
                continue;
            }

            (question, difference) = await ShrinkAsync(question, difference, cancellationToken);
            report.Add($"seed {_seed}, question {i}: {question}\n    {difference}");
        }

        return report;
    }

    /// <summary>Both answers, as they are.</summary>
    public async Task<string> ShowAsync(PeerQuestion question, CancellationToken cancellationToken) =>
        $"""
        {question}
        peer: {await _prometheus.AskAsync(question, cancellationToken)}
        ours: {AnswerComparison.Describe(await AnswerAsync(question, cancellationToken))}
        {await DifferenceAsync(question, cancellationToken) ?? "no difference"}
        """;

    public ValueTask DisposeAsync() => _prometheus.DisposeAsync();

    private void Fill(PeerData data)
    {
        foreach (var (labels, samples) in data.Series)
        {
            var hints = new StoredHints();
            foreach (var (at, value, histogram) in samples)
            {
                var stored = hints.Apply(new SequenceItem(value, Histogram: histogram));
                _source.Add(labels, at, new MemorySample(value, stored, 0));
            }
        }
    }

    private PeerQuestion NextQuestion()
    {
        var query = _grammar.Query();
        var start = PeerData.StartMs + (_random.Next(-60, 2500) * 1000L);
        if (_random.Next(3) == 0)
        {
            return new PeerQuestion(query, start, start, 0, IsRange: false);
        }

        var step = _random.Next(3) switch { 0 => 15_000L, 1 => 60_000L, _ => _random.Next(1, 200) * 1000L };
        return new PeerQuestion(query, start, start + (step * _random.Next(0, 25)), step, IsRange: true);
    }

    /// <summary>Takes the first smaller question that still shows a difference, until there is none.</summary>
    private async Task<(PeerQuestion Question, string Difference)> ShrinkAsync(
        PeerQuestion question, string difference, CancellationToken cancellationToken)
    {
        var tried = 0;
        for (var found = true; found && tried < MostShrinkingSteps;)
        {
            found = false;
            foreach (var smaller in question.Smaller())
            {
                if (tried++ < MostShrinkingSteps && await DifferenceAsync(smaller, cancellationToken) is { } still)
                {
                    (question, difference, found) = (smaller, still, true);
                    break;
                }
            }
        }

        return (question, difference);
    }

    private async Task<string?> DifferenceAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var difference = await UnexplainedAsync(question, cancellationToken);
        return difference is null || await PeerContradictsItselfAsync(question, cancellationToken) ? null : difference;
    }

    private async Task<string?> UnexplainedAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var difference = await CompareAsync(question, cancellationToken);
        return difference is not null && !ExplainedDifferences.Cover(_peer, _engine.Options.Features.DelayedNameRemoval, question, difference)
            ? difference
            : null;
    }

    /// <summary>Whether an older peer, asked for each step of a range alone, answers as we do: it mixed up the steps (histograms of one step
    /// changed under another, info series of one instance came to another).</summary>
    private async Task<bool> PeerContradictsItselfAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        if (_peer.IsAtLeast(3, 8) || !question.IsRange)
        {
            return false;
        }

        try
        {
            return await AgreesAtEveryStepAsync(question, await AnswerAsync(question, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is PromQLQueryException or PromQLSyntaxException)
        {
            return false;
        }
    }

    private async Task<bool> AgreesAtEveryStepAsync(PeerQuestion question, QueryResult ours, CancellationToken cancellationToken)
    {
        foreach (var step in question.Steps())
        {
            var single = await AnswerAsync(step, cancellationToken);
            if (!AnswerComparison.IsColumn(ours, single, step.StartMs) || await UnexplainedAsync(step, cancellationToken) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<string?> CompareAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var theirs = await _prometheus.AskAsync(question, cancellationToken);
        var failed = theirs.GetProperty("status").GetString() != "success";
        var error = failed ? theirs.GetProperty("error").GetString()! : "";
        try
        {
            var ours = await AnswerAsync(question, cancellationToken);
            return failed ? $"peer fails: {error}" : AnswerComparison.Difference(_peer, theirs, ours);
        }
        catch (Exception e) when (e is PromQLQueryException or PromQLSyntaxException)
        {
            return !failed ? $"ours fails: {e.Message}" : SameFailure(question, error, e.Message) ? null : $"failures: peer {error}; ours {e.Message}";
        }
    }

    private async ValueTask<QueryResult> AnswerAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var expression = _engine.Parse(question.Query.ToString());
        return question.IsRange
            ? await _engine.QueryRangeAsync(_source, expression, new(question.StartMs), new(question.EndMs), new(question.StepMs), QueryLimits.Default, cancellationToken)
            : await _engine.QueryInstantAsync(_source, expression, new(question.StartMs), QueryLimits.Default, cancellationToken);
    }

    /// <summary>Which of several offending series a message shows depends on the order of a hash table over there; which of several
    /// faults of a range on the order of steps.</summary>
    private static bool SameFailure(PeerQuestion question, string theirs, string ours) => question.IsRange || Kind(theirs) == Kind(ours);

    private static string Kind(string message)
    {
        var kind = new StringBuilder();
        var depth = 0;
        foreach (var c in message)
        {
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0)
            {
                kind.Append(c);
            }
        }

        return kind.ToString();
    }
}
