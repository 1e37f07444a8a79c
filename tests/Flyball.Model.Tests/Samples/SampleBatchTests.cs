using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Model.Tests.Samples;

public sealed class SampleBatchTests
{
    [Fact]
    public void Series_given_as_bytes_or_as_labels_read_alike()
    {
        var labels = LabelSet.Of(("__name__", "up"), ("job", "x"));
        var batch = new SampleBatch();
        var first = batch.AddSeries(labels);
        var second = batch.AddSeries(labels.Encoded);

        Assert.Equal(labels, batch.Labels(second));
        Assert.Equal(batch.LabelHash(first), batch.LabelHash(second));
        Assert.True(batch.EncodedLabels(first).SequenceEqual(batch.EncodedLabels(second)));
    }

    [Fact]
    public void Batch_grows_and_can_be_used_again()
    {
        var batch = new SampleBatch();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 1000; i++)
            {
                var series = batch.AddSeries(LabelSet.Of(("n", i.ToString())).Encoded);
                batch.AddSample(series, new TimestampMs(i), i * 0.5, start: new TimestampMs(i == 700 ? 5 : 0));
            }

            Assert.Equal(1000, batch.SampleCount);
            Assert.Equal(499.5, batch.Values[999]);
            Assert.Equal(5, batch.StartTimestampsMs[700]);
            Assert.Equal(0, batch.StartTimestampsMs[701]);
            Assert.Equal("999", batch.Labels(999)["n"]);
            batch.Clear();
            Assert.Equal(0, batch.SampleCount);
        }
    }

    [Fact]
    public void Columns_grow_truncate_and_clear()
    {
        using var columns = new SampleColumns();
        for (var i = 0; i < 500; i++)
        {
            columns.Add(i, i);
        }

        columns.Reserve(300, out var times, out var values);
        for (var i = 0; i < 300; i++)
        {
            times[i] = 500 + i;
            values[i] = 500 + i;
        }

        columns.Commit(300);
        Assert.Equal(800, columns.Count);
        Assert.Equal(799, columns.Values[^1]);
        columns.Truncate(10);
        Assert.Equal(9, columns.TimestampsMs[^1]);
        columns.Clear();
        Assert.Equal(0, columns.Count);
        Assert.False(columns.HasHistograms);
    }
}
