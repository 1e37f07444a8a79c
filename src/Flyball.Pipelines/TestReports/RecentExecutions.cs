namespace Flyball.Pipelines.TestReports;

/// <summary>The latest executions of some tests, newest first: how a test has been doing, at a glance.</summary>
internal static class RecentExecutions
{
    /// <summary>Finds them; reports are read from the newest back only until every test has as many as are wanted.</summary>
    /// <param name="reports">Oldest first.</param>
    /// <param name="each">How many of each test.</param>
    public static Dictionary<TestIdentity, List<(TestReport Report, Execution Execution)>> Of(
        IEnumerable<TestIdentity> tests, IEnumerable<StoredReport> reports, int each)
    {
        var found = new Dictionary<TestIdentity, List<(TestReport, Execution)>>(ReferenceEqualityComparer.Instance);
        foreach (var test in tests)
        {
            found[test] = [];
        }

        var open = found.Count;
        foreach (var stored in reports.Reverse())
        {
            if (open == 0)
            {
                break;
            }

            foreach (var execution in stored.Executions)
            {
                if (found.TryGetValue(execution.Test, out var latest) && latest.Count < each)
                {
                    latest.Add((stored.Report, execution));
                    open -= latest.Count == each ? 1 : 0;
                }
            }
        }

        return found;
    }
}
