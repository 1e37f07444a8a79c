using Flyball.Ingest.RemoteWrite;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Tests.RemoteWrite;

/// <summary>Series that are sent again and again are recognised by their bytes; what is stored stays the same.</summary>
public sealed class RepeatedSeriesTests
{
    private static readonly TimestampMs Now = new(1_795_174_200_000);
    private static readonly string LongValue = new('x', 300);
    private readonly KnownSeries _known = new();
    private readonly SampleBatch _batch = new();

    [Fact]
    public void A_series_sent_again_has_its_handle_and_gives_its_labels_when_asked()
    {
        string[] labels = ["__name__", "up", "job", "api", "path", LongValue];
        var first = Read(labels, (Now.Value, 1));
        _batch.SetRef(0, new SeriesRef(42));
        first.Stored(_batch);
        var text = _batch.Labels(0).ToString();
        var hash = _batch.LabelHash(0);

        Read(labels, (Now.Value + 1, 2));
        Assert.Equal(42UL, _batch.Ref(0).Value);
        Assert.Equal(hash, _batch.LabelHash(0));
        Assert.Equal(text, _batch.Labels(0).ToString());
        Assert.Equal((Now.Value + 1, 2.0), (_batch.TimestampsMs[0], _batch.Values[0]));
    }

    [Fact]
    public void A_store_that_forgot_the_handle_gives_a_new_one()
    {
        string[] labels = ["__name__", "up"];
        for (var round = 1UL; round < 4; round++)
        {
            var reader = Read(labels, (Now.Value, round));
            Assert.Equal(round - 1, _batch.Ref(0).Value);
            _batch.SetRef(0, new SeriesRef(round));
            reader.Stored(_batch);
        }
    }

    [Fact]
    public void A_refusal_names_a_known_series()
    {
        string[] labels = ["__name__", "up", "job", "api"];
        var reader = Read(labels, (Now.Value, 1));
        _batch.SetRef(0, new SeriesRef(1));
        reader.Stored(_batch);

        reader = Read(labels, (Now.Value + 86_400_000, 1));
        Assert.Equal(["out of bounds for series up{job=\"api\"}"], reader.Problems);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    [InlineData(127L)]
    [InlineData(1_099_511_627_775L)]
    [InlineData(1_795_174_200_123L)]
    public void Times_of_any_length_are_read(long atMs)
    {
        Read(["__name__", "up"], (atMs, 0.1), (atMs, double.NaN));
        Assert.Equal([atMs, atMs], _batch.TimestampsMs.ToArray());
        Assert.Equal([0.1, double.NaN], _batch.Values.ToArray());
    }

    [Fact]
    public void Series_with_refused_labels_are_never_known()
    {
        for (var round = 0; round < 2; round++)
        {
            var reader = Read(["job", "nameless"], (Now.Value, 1));
            reader.Stored(_batch);
            Assert.Equal((1, 0), (reader.SkippedSeries, _batch.SeriesCount));
        }

        Assert.Equal(0, _known.Count);
    }

    [Fact]
    public void Damaged_requests_break_nothing_whatever_is_known()
    {
        var good = WriteRequests.Version1((["__name__", "up", "job", "api", "path", LongValue], [(Now.Value, 1)]), (["__name__", "down"], [(Now.Value, 1)]));
        var random = new Random(5);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = good.AsSpan(0, random.Next(good.Length + 1)).ToArray();
            for (var hit = random.Next(3); hit > 0 && bytes.Length > 0; hit--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            _batch.Clear();
            var reader = new Version1Reader(_known);
            try
            {
                reader.Read(bytes, _batch, Now);
                for (var i = 0; i < _batch.SeriesCount; i++)
                {
                    Assert.NotEqual("", _batch.Labels(i).MetricName);
                    _batch.SetRef(i, new SeriesRef(1));
                }

                reader.Stored(_batch);
            }
            catch (Model.Wire.WireFormatException)
            {
                // The only exception allowed.
            }
        }
    }

    private Version1Reader Read(string[] labels, params (long AtMs, double Value)[] samples)
    {
        _batch.Clear();
        var reader = new Version1Reader(_known);
        reader.Read(WriteRequests.Version1((labels, samples)), _batch, Now);
        return reader;
    }
}
