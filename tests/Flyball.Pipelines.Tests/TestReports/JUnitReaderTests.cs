using System.Globalization;
using System.Text;
using Flyball.Pipelines.TestReports;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.TestReports;

public sealed class JUnitReaderTests
{
    [Fact]
    public void Every_dialect_is_read_as_its_framework_meant_it()
    {
        var folder = SharedData.Require("data/ci/junit");
        var lines = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal))
        {
            using var xml = File.OpenRead(file);
            var content = JUnitReader.Read(xml);
            var counts = Enum.GetValues<TestVerdict>().Select(r => $"{content.Cases.Count(c => c.Result == r)} {r}".ToLowerInvariant());
            var seconds = content.Cases.Sum(c => c.Seconds).ToString("0.###", CultureInfo.InvariantCulture);
            lines.AppendLine(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {string.Join(", ", counts)}; {seconds} s");
            if (content.Problem.Length > 0)
            {
                lines.AppendLine(CultureInfo.InvariantCulture, $"  {content.Problem}");
            }
        }

        Golden.Check("tests/Flyball.Pipelines.Tests/TestReports/junit.golden.txt", lines.ToString());
    }

    [Theory]
    [InlineData("<testcase name='a'/>", TestVerdict.Passed)]
    [InlineData("<testcase name='a'><flakyFailure message='x'/></testcase>", TestVerdict.Flaky)]
    [InlineData("<testcase name='a'><flakyError/><failure/></testcase>", TestVerdict.Failed)]
    [InlineData("<testcase name='a'><failure/><rerunFailure/></testcase>", TestVerdict.Failed)]
    [InlineData("<testcase name='a'><skipped/><failure/><error/></testcase>", TestVerdict.Error)]
    [InlineData("<testcase name='a'><failure/><skipped/></testcase>", TestVerdict.Failed)]
    [InlineData("<testcase name='a' status='notrun'/>", TestVerdict.Skipped)]
    [InlineData("<testcase name='a' status='run' result='suppressed'/>", TestVerdict.Skipped)]
    [InlineData("<testcase name='a'><properties><property name='failure'/></properties><system-out>error</system-out></testcase>", TestVerdict.Passed)]
    public void The_worst_result_of_a_case_counts(string testCase, TestVerdict expected)
    {
        var content = Read($"<testsuite name='s'>{testCase}</testsuite>");

        Assert.Equal("", content.Problem);
        Assert.Equal(expected, Assert.Single(content.Cases).Result);
    }

    [Theory]
    [InlineData("1,234.5", 1234.5)]
    [InlineData("", 0)]
    [InlineData("soon", 0)]
    [InlineData("-1", 0)]
    [InlineData("NaN", 0)]
    [InlineData("2e-3", 0.002)]
    public void A_time_is_read_as_locales_write_it_and_nonsense_is_unknown(string time, double seconds) =>
        Assert.Equal(seconds, Read($"<testsuites><testsuite><testcase time='{time}'/></testsuite></testsuites>").Cases[0].Seconds);

    [Fact]
    public void A_case_belongs_to_the_suite_directly_around_it()
    {
        var content = Read(
            "<testsuites><testsuite name='outer'><testsuite name='inner'><testcase name='a' classname='c' file='f'/></testsuite>"
            + "<testsuite name='empty'/><testcase name='b' class='d'/></testsuite></testsuites>");

        Assert.Equal([new TestIdentity("inner", "c", "a", "f"), new TestIdentity("outer", "d", "b", "")], content.Cases.Select(c => c.Test));
    }

    [Fact]
    public void Colours_and_entities_in_messages_do_no_harm()
    {
        var content = Read("<testsuite><testcase><failure message='a &lt; b'>\u001b[31mred&#27;[0m\nsecond <![CDATA[<third>]]></failure></testcase></testsuite>");

        Assert.Equal("", content.Problem);
        Assert.Equal("a < b", content.Cases[0].Message);
        Assert.Contains("<third>", content.Cases[0].Details, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_read_before_the_damage_counts_and_the_damage_is_named()
    {
        var content = Read("<testsuite name='s'>\n<testcase name='a'/>\n<testcase name='b'></testsuite>");

        Assert.Equal(["a"], content.Cases.Select(c => c.Test.Name).Take(1));
        Assert.StartsWith("line 3, column ", content.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><testsuite><testcase name='&b;'/></testsuite>", "DTD")]
    [InlineData("<test-run><test-case/></test-run>", "NUnit 3")]
    [InlineData("<html/>", "root is <html>")]
    [InlineData("", "line ")]
    [InlineData("nonsense", "line 1")]
    public void What_is_no_report_is_refused_with_a_reason(string text, string reason)
    {
        var content = Read(text);

        Assert.Empty(content.Cases);
        Assert.Contains(reason, content.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_and_any_changed_byte_ends_in_cases_and_a_problem_never_in_an_exception()
    {
        var whole = Encoding.UTF8.GetBytes(
            "<?xml version='1.0'?><testsuites><testsuite name='s'><testcase name='a' time='1'><failure message='m'><![CDATA[x]]></failure></testcase></testsuite></testsuites>");
        var random = new Random(3);
        for (var i = 0; i < whole.Length; i++)
        {
            Read(whole.AsSpan(0, i).ToArray());
            var changed = whole.ToArray();
            changed[i] = (byte)random.Next(256);
            Read(changed);
        }
    }

    private static JUnitContent Read(string xml) => Read(Encoding.UTF8.GetBytes(xml));

    private static JUnitContent Read(byte[] xml) => JUnitReader.Read(new MemoryStream(xml));
}
