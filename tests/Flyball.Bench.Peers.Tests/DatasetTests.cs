using System.Text;
using Flyball.Bench.Peers.Workload;
using Flyball.Model.Wire;

namespace Flyball.Bench.Peers.Tests;

/// <summary>The data that peers are compared on; no peer is started here.</summary>
public sealed class DatasetTests : IDisposable
{
    private static readonly WorkloadOptions Small = new()
    {
        Series = 1500,
        History = TimeSpan.FromMinutes(40),
        Interval = TimeSpan.FromMinutes(1),
        RequestSize = 400,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-dataset-").FullName;

    [Fact]
    public void Equal_options_give_equal_bytes()
    {
        DatasetWriter.Write(Small, Create("a"));
        DatasetWriter.Write(Small, Create("b"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "a", "requests")), File.ReadAllBytes(Path.Combine(_folder, "b", "requests")));
    }

    [Theory]
    [InlineData("mixed")]
    [InlineData("node")]
    [InlineData("ci")]
    public void Requests_hold_exactly_the_samples_that_were_generated(string profile)
    {
        var options = Small with { Profile = Enum.Parse<Profile>(profile, ignoreCase: true) };
        var expected = new List<(string Labels, long At, ulong Bits)>();
        var generator = new Generator(options);
        for (var round = 0; round < options.Rounds + options.TailRounds; round++)
        {
            generator.Round(round, (_, labels, at, value) => expected.Add((Convert.ToHexString(labels), at, BitConverter.DoubleToUInt64Bits(value))));
        }

        using var dataset = Dataset.OpenOrCreate(options, _folder);
        var actual = dataset.Requests.SelectMany(r => Samples(dataset.Body(r))).ToList();

        Assert.Equal(expected.Order(), actual.Order());
        Assert.Equal(expected.Count, dataset.Requests.Sum(r => r.Samples));
        Assert.Equal(expected.Count, dataset.Facts.MainSamples + dataset.Facts.MainMarkers + dataset.Facts.TailSamples + dataset.Facts.TailMarkers);
        Assert.Equal(expected.Select(s => s.Labels).Distinct().Count(), dataset.Facts.SeriesEver);
    }

    [Fact]
    public void A_series_comes_over_one_connection_with_rising_times_and_the_history_ends_where_it_says()
    {
        using var dataset = Dataset.OpenOrCreate(Small, _folder);
        var senders = new Dictionary<string, int>();
        var newest = new Dictionary<string, long>();
        for (var i = 0; i < dataset.Requests.Count; i++)
        {
            foreach (var (labels, at, _) in Samples(dataset.Body(dataset.Requests[i])))
            {
                Assert.True(senders.TryAdd(labels, dataset.Requests[i].Sender) || senders[labels] == dataset.Requests[i].Sender);
                Assert.True(at > newest.GetValueOrDefault(labels));
                Assert.True(i >= dataset.Facts.MainRequests || at <= Small.EndMs);
                newest[labels] = at;
            }
        }
    }

    [Fact]
    public void Labels_are_sorted_and_every_series_has_its_own()
    {
        var seen = new HashSet<string>();
        new Generator(Small).Round(0, (_, labels, _, _) =>
        {
            var names = LabelsOf(labels).Select(l => l.Name).ToList();
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
            Assert.True(seen.Add(Convert.ToHexString(labels)));
        });
        Assert.Equal(Small.Series, seen.Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Create(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static List<(string Labels, long At, ulong Bits)> Samples(byte[] body)
    {
        var samples = new List<(string, long, ulong)>();
        var request = new WireReader(IronSnappy.Snappy.Decode(body));
        while (request.TryReadField(out _, out _))
        {
            var message = request.ReadBytes();
            var series = new WireReader(message);
            var labelsEnd = 0;
            while (series.TryReadField(out var field, out _))
            {
                var content = series.ReadBytes();
                if (field == 1)
                {
                    labelsEnd = series.Position;
                    continue;
                }

                var sample = new WireReader(content);
                sample.TryReadField(out _, out _);
                var value = sample.ReadDouble();
                sample.TryReadField(out _, out _);
                samples.Add((Convert.ToHexString(message[..labelsEnd]), (long)sample.ReadVarint(), BitConverter.DoubleToUInt64Bits(value)));
            }
        }

        return samples;
    }

    private static List<(string Name, string Value)> LabelsOf(byte[] fields)
    {
        var labels = new List<(string, string)>();
        var reader = new WireReader(fields);
        while (reader.TryReadField(out _, out _))
        {
            var label = new WireReader(reader.ReadBytes());
            label.TryReadField(out _, out _);
            var name = Encoding.UTF8.GetString(label.ReadBytes());
            label.TryReadField(out _, out _);
            labels.Add((name, Encoding.UTF8.GetString(label.ReadBytes())));
        }

        return labels;
    }
}
