using Flyball.Ingest.Exposition;
using Flyball.Model.Wire;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Exposition;

public sealed class ProtobufReaderTests
{
    [Theory]
    [InlineData("alertmanager")]
    [InlineData("node-exporter")]
    [InlineData("prometheus")]
    [InlineData("pushgateway")]
    public void The_protobuf_page_of_a_program_has_the_series_of_its_text_page(string program)
    {
        var text = SeriesOf(new PrometheusTextReader(), program + ".txt");
        var protobuf = SeriesOf(new ProtobufReader(nativeHistograms: false, alwaysClassic: false), program + ".pb");
        // The pages were taken one after the other: requests for them show up as series of their own in the later one.
        var onlyInOne = text.Except(protobuf).Concat(protobuf.Except(text)).Where(s => !s.Contains("http", StringComparison.Ordinal) && !s.Contains("scrape", StringComparison.Ordinal));
        Assert.Empty(onlyInOne);
        Assert.InRange(protobuf.Count, text.Count - 20, text.Count + 20);
    }

    [Fact]
    public void A_native_histogram_is_one_sample_beside_its_classic_form_if_wanted()
    {
        var body = NativeAndClassic();
        Assert.Equal(["Type h Histogram", "h 2.5"], Read(native: true, classic: false, body));
        Assert.Equal(
            ["Type h Histogram", "h 2.5", "h_count 3", "h_sum 2.5", "h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"+Inf\"} 3"],
            Read(native: true, classic: true, body));
        Assert.Equal(
            ["Type h Histogram", "h_count 3", "h_sum 2.5", "h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"+Inf\"} 3"],
            Read(native: false, classic: false, body));
    }

    [Fact]
    public void The_buckets_of_a_native_histogram_are_absolute()
    {
        var reader = new ProtobufReader(nativeHistograms: true, alwaysClassic: false);
        reader.Reset(NativeAndClassic());
        while (reader.Read() != ExpositionEntry.Histogram)
        {
        }

        Assert.Equal([1, 2], reader.Histogram!.PositiveBuckets);
        Assert.Equal((3, 3, 0.001, true), (reader.Histogram.Schema, reader.Histogram.Count, reader.Histogram.ZeroThreshold, reader.Histogram.HasIntegerCounts));
    }

    [Fact]
    public void Damage_is_refused_or_read_but_never_breaks_the_reader()
    {
        var random = new Random(5);
        var page = File.ReadAllBytes(SharedData.Require("conformance/exposition/captured/alertmanager.pb"));
        for (var round = 0; round < 1_000; round++)
        {
            var body = page.AsSpan(0, random.Next(page.Length)).ToArray();
            for (var hit = random.Next(5); hit > 0 && body.Length > 0; hit--)
            {
                body[random.Next(Math.Min(body.Length, 2_000))] = (byte)random.Next(256);
            }

            try
            {
                ExpositionBodies.ReadAll(new ProtobufReader(true, true), body);
            }
            catch (ExpositionFormatException)
            {
                // Its own error is the only one allowed.
            }
        }
    }

    private static HashSet<string> SeriesOf(ExpositionReader reader, string file) =>
        [.. ExpositionBodies.ReadAll(reader, File.ReadAllBytes(SharedData.Require("conformance/exposition/captured/" + file)))
            .Where(e => !e.StartsWith("Type ", StringComparison.Ordinal) && !e.StartsWith("Help ", StringComparison.Ordinal))
            .Select(e => e[..e.LastIndexOf(' ')])];

    private static List<string> Read(bool native, bool classic, byte[] body) =>
        ExpositionBodies.ReadAll(new ProtobufReader(native, classic), body);

    private static byte[] NativeAndClassic()
    {
        var wire = new WireWriter();
        wire.Text(1, "h");
        wire.Varint(3, 4);
        var metric = wire.Begin(4);
        var histogram = wire.Begin(7);
        wire.Varint(1, 3);
        wire.DoubleAlways(2, 2.5);
        var bucket = wire.Begin(3);
        wire.Varint(1, 1);
        wire.DoubleAlways(2, 1);
        wire.End(bucket);
        wire.Varint(5, 6);
        wire.DoubleAlways(6, 0.001);
        var span = wire.Begin(12);
        wire.Varint(1, 4);
        wire.Varint(2, 2);
        wire.End(span);
        wire.Bytes(13, [2, 2]);
        wire.End(histogram);
        wire.End(metric);
        return [checked((byte)wire.Written.Length), .. wire.Written];
    }
}
