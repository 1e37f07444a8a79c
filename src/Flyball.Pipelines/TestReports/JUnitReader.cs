using System.Globalization;
using System.Text;
using System.Xml;

namespace Flyball.Pipelines.TestReports;

/// <summary>What a JUnit file holds.</summary>
/// <param name="Cases">The executions, in the order of the file.</param>
/// <param name="Problem">Why reading ended early, with line and column; "" if it did not. What was read before counts.</param>
public sealed record JUnitContent(IReadOnlyList<TestCase> Cases, string Problem);

/// <summary>Reads JUnit XML in the dialects that test frameworks write.</summary>
/// <remarks>
/// The format has no standard; the dialects and how they are told apart: docs/runs.md, "Tests". Cases are counted, the counts a file claims
/// are not believed. A case with several results has the worst: error, failure, skipped, flaky, passed. No DTD and nothing outside the file
/// is read.
/// </remarks>
public static class JUnitReader
{
    private const int MostCases = 200_000;
    private const int MostDetails = 4096;
    private const int MostMessage = 1024;
    private const int MostDepth = 100;

    /// <summary>Reads a file to its end or to the first thing that is no XML.</summary>
    public static JUnitContent Read(Stream xml)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CheckCharacters = false,
        };
        var cases = new List<TestCase>();
        try
        {
            using var reader = XmlReader.Create(new PrintableStream(xml), settings);
            return new JUnitContent(cases, ReadRoot(reader, cases));
        }
        catch (XmlException e)
        {
            return new JUnitContent(cases, $"line {e.LineNumber}, column {e.LinePosition}: {Sentence(e)}");
        }
    }

    private static string Sentence(XmlException e)
    {
        // The framework's sentence ends by repeating the place.
        var end = e.Message.IndexOf(" Line ", StringComparison.Ordinal);
        return (end > 0 ? e.Message[..end] : e.Message).TrimEnd('.');
    }

    private static string ReadRoot(XmlReader reader, List<TestCase> cases)
    {
        reader.MoveToContent();
        switch (reader.LocalName)
        {
            case "testsuites" or "testsuite":
                return ReadSuites(reader, cases);
            case "test-run":
                return "this is an NUnit 3 report, not JUnit; let the runner write JUnit (a logger or a transformation does)";
            case "assemblies":
                return "this is an xUnit.net report, not JUnit; let the runner write JUnit";
            case "TestRun":
                return "this is a TRX report, not JUnit; let the runner write JUnit";
            default:
                return $"the root is <{reader.LocalName}>; JUnit begins with <testsuites> or <testsuite>";
        }
    }

    private static string ReadSuites(XmlReader reader, List<TestCase> cases)
    {
        var suites = new Stack<string>();
        do
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "testsuite")
            {
                if (reader.Depth > MostDepth)
                {
                    return $"suites are nested deeper than {MostDepth}";
                }

                if (!reader.IsEmptyElement)
                {
                    suites.Push(reader.GetAttribute("name") ?? "");
                }
            }
            else if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "testsuite")
            {
                suites.Pop();
            }
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "testcase")
            {
                if (cases.Count == MostCases)
                {
                    return $"there are more than {MostCases} cases; the rest was left out";
                }

                ReadCase(reader, suites.TryPeek(out var suite) ? suite : "", cases);
            }
        }
        while (reader.Read());

        return "";
    }

    private static void ReadCase(XmlReader reader, string suite, List<TestCase> cases)
    {
        var test = new TestIdentity(
            suite, Attribute(reader, "classname", "class"), Attribute(reader, "name"), Attribute(reader, "file"));
        var seconds = Seconds(Attribute(reader, "time", "duration"));
        var outcome = new Outcome();

        // GoogleTest and others tell by attributes what was not executed.
        if (reader.GetAttribute("status") is "notrun" or "disabled" or "skipped" || reader.GetAttribute("result") is "skipped" or "suppressed")
        {
            outcome.Add(TestVerdict.Skipped, "");
        }

        try
        {
            if (!reader.IsEmptyElement)
            {
                ReadOutcome(reader, outcome);
            }
        }
        catch (XmlException) when (outcome.Result != TestVerdict.Passed)
        {
            // The file breaks off inside: that the test failed was said before.
            cases.Add(new TestCase(test, outcome.Result, seconds, outcome.Message, outcome.Details));
            throw;
        }

        cases.Add(new TestCase(test, outcome.Result, seconds, outcome.Message, outcome.Details));
    }

    private static void ReadOutcome(XmlReader reader, Outcome outcome)
    {
        var depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element || reader.Depth != depth + 1 || ResultOf(reader.LocalName) is not { } result)
            {
                reader.Read();
            }
            else if (outcome.Add(result, reader.GetAttribute("message") ?? reader.GetAttribute("type") ?? ""))
            {
                outcome.Describe(TextOf(reader));
            }
            else
            {
                TextOf(reader);
            }
        }
    }

    private static TestVerdict? ResultOf(string element) => element switch
    {
        "failure" or "rerunFailure" => TestVerdict.Failed,
        "error" or "rerunError" => TestVerdict.Error,
        "skipped" => TestVerdict.Skipped,
        "flakyFailure" or "flakyError" => TestVerdict.Flaky,
        _ => null,
    };

    // Leaves the reader behind the element.
    private static string TextOf(XmlReader reader)
    {
        var text = new StringBuilder();
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return "";
        }

        var depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && text.Length < MostDetails)
            {
                text.Append(reader.Value.AsSpan(0, Math.Min(reader.Value.Length, MostDetails - text.Length)));
            }

            reader.Read();
        }

        reader.Read();
        return text.ToString().Trim();
    }

    private static string Attribute(XmlReader reader, string name, string? otherwise = null)
    {
        var value = reader.GetAttribute(name) ?? (otherwise is null ? null : reader.GetAttribute(otherwise)) ?? "";
        return value.Length <= MostMessage ? value : value[..MostMessage];
    }

    // Some locales write "1,234.5"; a number that cannot be read is as good as none.
    private static double Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 0 && double.IsFinite(seconds)
                ? seconds
                : 0;

    /// <summary>The worst of the results told so far, with its words.</summary>
    private sealed class Outcome
    {
        public TestVerdict Result { get; private set; }

        public string Message { get; private set; } = "";

        public string Details { get; private set; } = "";

        /// <summary>Adds a result.</summary>
        /// <returns>Whether it is the worst so far.</returns>
        public bool Add(TestVerdict result, string message)
        {
            if (result < Result || (result == Result && Message.Length > 0))
            {
                return false;
            }

            Result = result;
            Message = Cut(message);
            Details = "";
            return true;
        }

        /// <summary>Adds the text of the worst result.</summary>
        public void Describe(string details)
        {
            var end = details.IndexOf('\n', StringComparison.Ordinal);
            Message = Message.Length > 0 ? Message : Cut(end < 0 ? details : details[..end]);
            Details = details;
        }

        private static string Cut(string line) => (line.Length <= MostMessage ? line : line[..MostMessage]).Trim();
    }
}
