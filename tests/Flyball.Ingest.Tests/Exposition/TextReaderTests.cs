using System.Text;
using Flyball.Ingest.Exposition;

namespace Flyball.Ingest.Tests.Exposition;

public sealed class TextReaderTests
{
    [Theory]
    [InlineData("a 1", "a 1")]
    [InlineData("  a \t{ b = \"c\" , } \t1.5 \t123  ", "a{b=\"c\"} 1.5 @123")]
    [InlineData("a{b=\"c\" d=\"e\"} 1", "a{b=\"c\", d=\"e\"} 1")]
    [InlineData("a{b=\"x\\\\y\\\"z\\nw\"} 1", "a{b=\"x\\\\y\\\"z\\nw\"} 1")]
    [InlineData("{\"my.metric\",\"weird label\"=\"v\"} 1", "{\"my.metric\", \"weird label\"=\"v\"} 1")]
    [InlineData("{b=\"c\",\"a\"} 1", "a{b=\"c\"} 1")]
    [InlineData("a -Inf", "a -Inf")]
    [InlineData("a +inf", "a +Inf")]
    [InlineData("a nAn", "a NaN")]
    [InlineData("a 1e3", "a 1000")]
    [InlineData("a{} 0.1", "a 0.1")]
    [InlineData("# a comment\n#another\n# HELPER x\na 1", "a 1")]
    [InlineData("a{le=\"1\"} 1", "a{le=\"1\"} 1")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1\"} 1", "Type a Histogram|a_bucket{le=\"1.0\"} 1")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1", "Type a Histogram|a_bucket{le=\"+Inf\"} 1")]
    [InlineData("# TYPE a histogram\nother{le=\"1\"} 1", "Type a Histogram|other{le=\"1\"} 1")]
    [InlineData("# TYPE a summary\na{quantile=\"0.5\"} 1\na{quantile=\"1\"} 2", "Type a Summary|a{quantile=\"0.5\"} 1|a{quantile=\"1.0\"} 2")]
    [InlineData("# HELP a some  text\n# TYPE \"b c\" gauge", "Help a some  text|Type b c Gauge")]
    [InlineData("# HELP a\na 1", "Help a |a 1")]
    public void Text_format_reads(string body, string expected) =>
        Assert.Equal(expected, string.Join('|', ExpositionBodies.ReadAll(new PrometheusTextReader(), Encoding.UTF8.GetBytes(body))));

    [Theory]
    [InlineData("a 1 1.5\n# EOF\n", "a 1 @1500")]
    [InlineData("a 1 -1\n# EOF", "a 1 @-1000")]
    [InlineData("a_total 1 # {trace_id=\"x\"} 0.5 2.25\n# EOF", "a_total 1 # {trace_id=\"x\"} 0.5 @2250")]
    [InlineData("a_total{b=\"}\"} 1 3 # {} 0.5\n# EOF", "a_total{b=\"}\"} 1 @3000 # {} 0.5 @")]
    [InlineData("# TYPE a gaugehistogram\na_bucket{le=\"2\"} 1\n# UNIT a_s s\n# EOF", "Type a GaugeHistogram|a_bucket{le=\"2.0\"} 1|Unit a_s s")]
    public void OpenMetrics_reads(string body, string expected) =>
        Assert.Equal(expected, string.Join('|', ExpositionBodies.ReadAll(new OpenMetricsReader(), Encoding.UTF8.GetBytes(body))));

    [Fact]
    public void An_exemplar_may_have_128_characters_and_no_more()
    {
        static string Body(int characters) => $"a_total 1 # {{x=\"{new string('ü', characters - 1)}\"}} 1\n# EOF\n";
        ExpositionBodies.ReadAll(new OpenMetricsReader(), Encoding.UTF8.GetBytes(Body(128)));
        Assert.Throws<ExpositionFormatException>(() => ExpositionBodies.ReadAll(new OpenMetricsReader(), Encoding.UTF8.GetBytes(Body(129))));
    }

    // Prometheus reads values with Go's ParseFloat, which takes a hexadecimal mantissa only with a binary exponent; promtool agrees.
    [Theory]
    [InlineData("0x10")]
    [InlineData("1e")]
    [InlineData(".")]
    [InlineData("1,5")]
    [InlineData("--1")]
    [InlineData("1e999")]
    public void Values_that_are_none_are_refused(string value) =>
        Assert.Throws<ExpositionFormatException>(() => ExpositionBodies.ReadAll(new PrometheusTextReader(), Encoding.UTF8.GetBytes($"a {value}\n")));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999999, "999999")]
    [InlineData(1e6, "1e+06")]
    [InlineData(1234567.5, "1.2345675e+06")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1.5e-5, "1.5e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(-123456.789, "-123456.789")]
    [InlineData(1e100, "1e+100")]
    public void Floats_are_written_as_Go_does(double value, string expected) => Assert.Equal(expected, ExposedFloat.Format(value));
}
