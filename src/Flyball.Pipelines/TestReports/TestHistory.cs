using Flyball.Pipelines.Questions;

namespace Flyball.Pipelines.TestReports;

/// <summary>What is known of one test over all its executions in a stretch of time.</summary>
/// <remarks>
/// A commit is <em>mixed</em> for a test when the same code both held and failed: two executions of different result, or one that held
/// only after failing. Flakiness is the share of mixed commits among those that had the chance to be mixed, that is a failure or more
/// than one execution. Its lower bound is Wilson's at 95 % (E. B. Wilson, "Probable inference, the law of succession, and statistical
/// inference", JASA 22, 1927): one mixed commit of one says less than fifty of a hundred, and sorts lower.
/// </remarks>
public sealed class TestHistory(TestIdentity test)
{
    private readonly Dictionary<string, (int Good, int Bad, bool Mixed)> _commits = new(StringComparer.Ordinal);
    private double _seconds;

    /// <summary>The test.</summary>
    public TestIdentity Test { get; } = test;

    /// <summary>Executions, those skipped not counted.</summary>
    public int Executions { get; private set; }

    /// <summary>Executions that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Times it was skipped.</summary>
    public int Skipped { get; private set; }

    /// <summary>Result of the latest execution, skips included.</summary>
    public TestVerdict Last { get; private set; }

    /// <summary>Message of the latest failure; may be empty.</summary>
    public string LastMessage { get; private set; } = "";

    /// <summary>Longest execution in seconds.</summary>
    public double MostSeconds { get; private set; }

    /// <summary>Mean duration of the executions in seconds; 0 if there was none.</summary>
    public double MeanSeconds => Executions == 0 ? 0 : _seconds / Executions;

    /// <summary>Commits for which it both held and failed.</summary>
    public int MixedCommits => _commits.Values.Count(IsMixed);

    /// <summary>Commits that failed or were executed more than once.</summary>
    public int JudgedCommits => _commits.Values.Count(c => c.Bad > 0 || c.Mixed || c.Good > 1);

    /// <summary>Share of mixed commits among the judged, 0 to 1.</summary>
    public double Flakiness => JudgedCommits == 0 ? 0 : (double)MixedCommits / JudgedCommits;

    /// <summary>What flakiness is at least, with 95 % confidence.</summary>
    public double FlakinessAtLeast => Statistics.WilsonLowerBound(MixedCommits, JudgedCommits);

    /// <summary>Adds an execution; in order of time.</summary>
    internal void Add(string commit, TestVerdict result, double seconds, string message)
    {
        Last = result;
        if (result == TestVerdict.Skipped)
        {
            Skipped++;
            return;
        }

        Executions++;
        _seconds += seconds;
        MostSeconds = Math.Max(MostSeconds, seconds);
        if (result.IsBad())
        {
            Failures++;
            LastMessage = message;
        }

        // Without a commit nothing says that the code was the same.
        if (commit.Length > 0)
        {
            var known = _commits.GetValueOrDefault(commit);
            _commits[commit] = (
                known.Good + (result.IsBad() ? 0 : 1), known.Bad + (result.IsBad() ? 1 : 0), known.Mixed || result == TestVerdict.Flaky);
        }
    }

    private static bool IsMixed((int Good, int Bad, bool Mixed) commit) => commit.Mixed || (commit.Good > 0 && commit.Bad > 0);
}
