using Flyball.Metrics.Head;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Tests.Head;

public sealed class LabelSortTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 40)]
    [InlineData(3, 2000)]
    [InlineData(4, 2000)]
    public void Series_come_out_in_label_order(int seed, int count)
    {
        var random = new Random(seed);
        string[] names = ["__name__", "a", "ab", "zone", "é"];
        string[] texts = ["1", "10", "2", "node", "node\0", "node\0\u0001", "a longer value that is shared", "a longer value that is sharee", "ü"];
        var sets = new HashSet<LabelSet>();
        for (var i = 0; i < count; i++)
        {
            var builder = new LabelSetBuilder();
            foreach (var name in names.Where(_ => random.Next(0, 3) > 0))
            {
                builder.Set(name, texts[random.Next(texts.Length)] + (random.Next(0, 2) == 0 ? "" : random.Next(0, 50).ToString()));
            }

            sets.Add(builder.Build());
        }

        var labels = sets.ToArray();
        var series = Enumerable.Range(0, labels.Length).ToArray();
        LabelSort.Sort(series, i => labels[i].Encoded);
        Assert.Equal(labels.Order(), series.Select(i => labels[i]));
    }
}
