namespace Flyball.Pipelines.TestReports;

/// <summary>How one execution of a test ended.</summary>
public enum TestVerdict
{
    /// <summary>It held at the first try.</summary>
    Passed,

    /// <summary>It held in the end, after it had failed in the same execution.</summary>
    Flaky,

    /// <summary>It was not executed.</summary>
    Skipped,

    /// <summary>An assertion did not hold.</summary>
    Failed,

    /// <summary>Something else broke: the test said neither yes nor no.</summary>
    Error,
}

/// <summary>What a test is recognised by from one execution to the next.</summary>
/// <param name="Suite">Name of the suite directly around it; may be empty.</param>
/// <param name="ClassName">Class, module or file it belongs to, as its framework says; may be empty.</param>
/// <param name="Name">Its name, parameters included.</param>
/// <param name="File">File it stands in; may be empty.</param>
public sealed record TestIdentity(string Suite, string ClassName, string Name, string File);

/// <summary>One execution of a test.</summary>
/// <param name="Test">Which test.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Seconds">How long it took; 0 where the report does not say.</param>
/// <param name="Message">What a person reads about a failure or a skip; may be empty.</param>
/// <param name="Details">Stack trace or output of a failure, cut to its first 4,096 characters; may be empty.</param>
public sealed record TestCase(TestIdentity Test, TestVerdict Result, double Seconds, string Message = "", string Details = "");

/// <summary>The words labels and the HTTP API use for results of tests.</summary>
internal static class TestWords
{
    public static readonly string[] All = ["passed", "flaky", "skipped", "failed", "error"];

    public static string Of(TestVerdict result) => All[(int)result];

    public static bool IsBad(this TestVerdict result) => result is TestVerdict.Failed or TestVerdict.Error;
}
