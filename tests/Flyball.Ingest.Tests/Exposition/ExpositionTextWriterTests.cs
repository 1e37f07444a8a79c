using System.Buffers;
using System.Text;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Ingest.Tests.Exposition;

public sealed class ExpositionTextWriterTests
{
    [Fact]
    public void A_family_reads_as_the_format_wants()
    {
        var page = new ArrayBufferWriter<byte>();
        var writer = new ExpositionTextWriter(page);
        writer.Family("a_total", MetricType.Counter, "counts \\ things\n\"twice\"");
        writer.Sample("a_total", [("path", "C:\\x\n\"y\""), ("empty", ""), ("odd name", "1")], 1.5, 42);
        writer.Sample("a.b", [("x", "1")], double.PositiveInfinity);
        Assert.Equal(
            "# HELP a_total counts \\\\ things\\n\"twice\"\n# TYPE a_total counter\n"
            + "a_total{path=\"C:\\\\x\\n\\\"y\\\"\",\"odd name\"=\"1\"} 1.5 42\n{\"a.b\",x=\"1\"} +Inf\n",
            Encoding.UTF8.GetString(page.WrittenSpan));
    }

    [Fact]
    public void Whatever_is_written_is_read_back() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), ArbMap.Default.ArbFor<string>(), ArbMap.Default.ArbFor<double>(), (name, value, number) =>
        {
            var labels = LabelSet.Of((LabelSet.MetricNameLabel, Valid(name.Get)), ("l", Valid(value ?? "")));
            var page = new ArrayBufferWriter<byte>();
            new ExpositionTextWriter(page).Sample(labels, number, 7);
            var reader = new PrometheusTextReader();
            reader.Reset(page.WrittenMemory);
            var read = new LabelSetBuilder();
            return reader.Read() == ExpositionEntry.Sample && reader.Value.Equals(number) && reader.TimestampMs == 7
                && Labels(reader, read).Equals(labels) && reader.Read() == ExpositionEntry.End;
        }).QuickCheckThrowOnFailure();

    private static LabelSet Labels(ExpositionReader reader, LabelSetBuilder builder)
    {
        reader.ReadLabels(builder.Clear());
        return builder.Build();
    }

    // Random strings hold halves of surrogate pairs, which no UTF-8 can carry.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
