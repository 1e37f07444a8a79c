using System.Buffers.Binary;
using Flyball.Metrics.Blocks;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;
using static Flyball.Metrics.Tests.Stores;

namespace Flyball.Metrics.Tests.Blocks;

/// <summary>Bits that flip in a block of many chunks: wherever it happens, no answer is wrong and the other block goes on answering.</summary>
public sealed class DamagedBlockTests
{
    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_bit_flipped_in_any_part_of_a_block_sets_it_aside_and_no_answer_is_wrong()
    {
        var (whole, rest) = await TwoBlocksAsync();
        var path = "/data/blocks/" + _disk.List("/data/blocks").MaxBy(f => f.Length)!.Name;
        var bytes = _disk.ReadAll(path);
        Assert.True(bytes.Length > 3 * BlockFormat.SumBytes, $"{bytes.Length} bytes are too few chunks");
        foreach (var (place, bit) in Places(bytes))
        {
            var disk = _disk.Copy();
            disk.Corrupt(path, place, (byte)(1 << bit));
            await using var store = await OpenAsync(disk, _clock);

            // What is found damaged on the way is left out; what is answered is right.
            var lines = whole.Split('\n').ToHashSet();
            Assert.All(store.Dump().Split('\n'), line => Assert.True(lines.Contains(line) || line.EndsWith(' '), $"at {place}: {line}"));
            Assert.Equal(rest, store.Dump());
            Assert.Equal(1, store.Statistics.Blocks);
            Assert.Equal(["other"], store.LabelValues("__name__", new SeriesQuery(TimeRange.All, []), Token));
        }
    }

    [Fact]
    public async Task Damage_is_found_by_every_way_into_a_block()
    {
        var (_, rest) = await TwoBlocksAsync();
        var path = "/data/blocks/" + _disk.List("/data/blocks").MaxBy(f => f.Length)!.Name;
        var bytes = _disk.ReadAll(path);
        Func<MetricStore, Task>[] ways =
        [
            s => Task.FromResult(s.LabelNames(new SeriesQuery(TimeRange.All, []), Token)),
            s => Task.FromResult(s.LabelValues("series", new SeriesQuery(TimeRange.All, []), Token)),
            s => Task.FromResult(s.LabelValues("series", new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Regex, "series", ".*7")]), Token)),
            s => s.MaintainAsync(Token),
        ];
        foreach (var way in ways)
        {
            foreach (var section in Enum.GetValues<BlockSection>())
            {
                var disk = _disk.Copy();
                disk.Corrupt(path, PlaceOf(bytes, (int)section));
                await using var store = await OpenAsync(disk, _clock);
                await way(store);
                store.Dump();
                Assert.Equal(rest, store.Dump());
            }
        }
    }

    private static IEnumerable<(long Place, int Bit)> Places(byte[] block)
    {
        var random = new Random(9);
        for (var section = 0; section <= BlockFormat.PartCount; section++)
        {
            var from = PlaceOf(block, section);
            var until = section == BlockFormat.PartCount ? block.Length : PlaceOf(block, section + 1);
            yield return (from, 0);
            yield return (until - 1, 7);
            for (var i = 0; i < 4; i++)
            {
                yield return (random.NextInt64(from, until), random.Next(0, 8));
            }
        }

        // The header: magic, version, zeros, number.
        for (var place = 0; place < BlockFormat.HeaderSize; place++)
        {
            yield return (place, place & 7);
        }
    }

    private static long PlaceOf(byte[] block, int part) =>
        BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(block.Length - BlockFormat.FooterSize + (part * 8)));

    private async Task<(string Whole, string Others)> TwoBlocksAsync()
    {
        await using var store = await OpenAsync(_disk, _clock);
        var random = new Random(3);
        for (var sample = 0; sample < 60; sample++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            var batch = new SampleBatch();
            for (var i = 0; i < 600; i++)
            {
                batch.AddSample(batch.AddSeries(Series($"noise{{series=number-{i}}}")), new TimestampMs(Now), random.NextDouble());
            }

            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
        }

        await store.SealAsync(Token);
        _clock.Advance(TimeSpan.FromHours(9));
        await store.AppendAsync(("other{}", Now, 1));
        await store.SealAsync(Token);
        return (store.Dump(), $"other {Now}=1");
    }
}
