using System.Buffers;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Model.Time;
using Flyball.Traces.Jaeger;
using Flyball.Traces.Segments;
using Flyball.Traces.Tempo;
using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tests;

/// <summary>A bit that flips anywhere in a segment costs at most that segment: nothing fails, and the rest answers as before.</summary>
public sealed class DamageTests : IDisposable
{
    private const int DamagedTraces = 100;
    private const int FlipsPerRegion = 2;

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();
    private readonly Random _random = new(3);

    private string Folder => Path.Combine(_fixture.Options.Directory, "segments");

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flipped_bit_in_any_region_leaves_the_rest_answering_and_compaction_going(bool isOpen)
    {
        var original = await WriteTwoSegmentsAsync();
        var whole = await CopyAsync();
        foreach (var (region, isReadOnlyAtStart, from, until) in Regions())
        {
            for (var i = 0; i < FlipsPerRegion; i++)
            {
                Restore(whole);
                var at = _random.NextInt64(from, until);
                if (!isOpen)
                {
                    Flip(at);
                }

                await using var store = await _fixture.OpenAsync();
                if (isOpen)
                {
                    Flip(at);
                }

                var when = $"{region}, byte {at}";
                await AskEverythingAsync(store, when);
                store.Maintain(Stop);
                await AskEverythingAsync(store, when);
                var isHarmless = isOpen && isReadOnlyAtStart;
                Assert.True(store.Stats.DamagedSegments == (isHarmless ? 0 : 1), $"{when}: {store.Stats}");
                var first = await StoreFixture.ReadAsync(store, Spans.Trace(1));
                Assert.True(first == (isHarmless ? original : "nothing"), $"{when}: {first[..Math.Min(first.Length, 300)]}");
                Assert.Equal(1, store.Stats.Segments);
            }
        }
    }

    [Fact]
    public async Task What_was_set_aside_is_named_and_counted_after_a_restart_too_and_its_number_is_not_used_again()
    {
        string path;
        await using (var store = await _fixture.OpenAsync())
        {
            await store.AppendAsync(Spans.Batch("s", new SpanSpec(1, 1)), Stop);
            store.SealNow(Stop);
            path = Directory.GetFiles(Folder).Single();
            Flip(12);
            Assert.Null(await store.ReadTraceAsync(Spans.Trace(1), Stop));
            Assert.Equal((0, 1), (store.Stats.Segments, store.Stats.DamagedSegments));
            Assert.Equal([path + ".damaged"], Directory.GetFiles(Folder));
        }

        await using var again = await _fixture.OpenAsync();
        Assert.Equal((0, 1), (again.Stats.Segments, again.Stats.DamagedSegments));
        await again.AppendAsync(Spans.Batch("s", new SpanSpec(2, 1)), Stop);
        again.SealNow(Stop);
        Assert.Equal([SegmentFormat.FileName(1) + ".damaged", SegmentFormat.FileName(2)], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Queries_that_meet_the_same_damage_at_once_all_answer_and_it_counts_once()
    {
        await WriteTwoSegmentsAsync();
        await using var store = await _fixture.OpenAsync();
        Flip(12);
        await Parallel.ForAsync(0, 8, Stop, async (_, _) => await AskEverythingAsync(store, "together"));
        Assert.Equal((1, 1), (store.Stats.Segments, store.Stats.DamagedSegments));
    }

    // The first segment is the one that gets damaged; it has two pages and several blocks of strings.
    private async Task<string> WriteTwoSegmentsAsync()
    {
        _fixture.Options = _fixture.Options with { MergeFactor = 2 };
        await using var store = await _fixture.OpenAsync();
        var batch = Spans.Batch("damaged");
        for (ulong i = 0; i < SegmentFormat.PageRows + 100; i++)
        {
            Spans.Add(batch, new SpanSpec((i % DamagedTraces) + 1, i + 1, StartMs: i, Attributes: [("k", $"damaged, perhaps, {i}")]));
        }

        await store.AppendAsync(batch, Stop);
        store.SealNow(Stop);
        await store.AppendAsync(Spans.Batch("whole", new SpanSpec(1000, 1, Name: "whole", Attributes: [("k", "whole")])), Stop);
        store.SealNow(Stop);
        return await StoreFixture.ReadAsync(store, Spans.Trace(1));
    }

    private IEnumerable<(string Region, bool IsReadOnlyAtStart, long From, long Until)> Regions()
    {
        var segment = Segment.Open(PhysicalFileSystem.Instance, Victim, 1, new StringBlockCache(1));
        var (footer, length) = (segment.Footer, segment.Length);
        segment.Release();
        Assert.True(footer.Pages.Length > 1 && footer.StringBlocks.Length > 2);
        var table = footer.TraceTable;
        var firstRows = table.Offset + (footer.Traces * 16L);
        return
        [
            ("magic", true, 0, SegmentFormat.Magic.Length),
            .. footer.Pages.Select((p, i) => ($"page {i}", false, p.Section.Offset, p.Section.Offset + p.Section.Length)),
            .. footer.StringBlocks.Select((b, i) => ($"strings {i}", false, b.Section.Offset, b.Section.Offset + b.Section.Length)),
            ("trace ids", false, table.Offset, firstRows),
            ("first rows", false, firstRows, firstRows + (footer.Traces * 4L)),
            ("order of traces", false, firstRows + (footer.Traces * 4L), table.Offset + table.Length),
            ("footer", true, table.Offset + table.Length, length - SegmentFormat.TailSize),
            ("tail", true, length - SegmentFormat.TailSize, length),
        ];
    }

    private static async Task AskEverythingAsync(SpanStore store, string when)
    {
        Assert.True((await store.ReadTraceAsync(Spans.Trace(1000), Stop))?.Count == 1, when);
        for (ulong trace = 1; trace <= DamagedTraces; trace += 33)
        {
            await store.ReadTraceAsync(Spans.Trace(trace), Stop);
        }

        var all = new TraceQLSearch("{ .k != \"\" }") { From = new TimestampNs(Spans.T0), Until = new TimestampNs(Spans.T0 + 3_600_000_000_000), Limit = 1000 };
        var tempo = new TempoApi(store);
        Assert.Contains("whole", Written(to => tempo.WriteSearch(all, to, Stop)));
        Assert.Contains("whole", Written(to => tempo.WriteSearch(all with { Query = "{ .k =~ \".*whole.*\" && duration > 0s }" }, to, Stop)));
        Assert.Contains("whole", Written(to => tempo.WriteMetrics(all with { Query = "{} | count_over_time() by (name)" }, TimeSpan.FromMinutes(1), null, to, Stop)));
        Assert.Contains("whole", Written(to => tempo.WriteTagValues("resource.service.name", isVersion2: true, null, all, to, Stop)));
        Assert.Contains("\"k\"", Written(to => tempo.WriteTags("", isVersion2: true, null, all, to, Stop)));
        Assert.Contains("whole", Written(to => tempo.WriteTrace(new TraceRequest(Spans.Trace(1000)), TempoFormat.Json, isVersion2: true, to, Stop)));
        var jaeger = new JaegerApi(store);
        Assert.Contains("whole", Written(to => jaeger.WriteServices(to, Stop)));
        Assert.Contains("whole", Written(to => jaeger.WriteTraces(new JaegerSearch("whole"), to, Stop)));
        Written(to => jaeger.WriteDependencies(new TimestampNs(0), all.Until, to, Stop));
    }

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var to = new ArrayBufferWriter<byte>();
        write(to);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private string Victim => Path.Combine(Folder, SegmentFormat.FileName(1));

    private void Flip(long at)
    {
        // Shared in every way: the store may have the file open.
        using var file = new FileStream(Victim, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = at;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ (1 << _random.Next(8))));
    }

    private async Task<Dictionary<string, byte[]>> CopyAsync()
    {
        var copy = new Dictionary<string, byte[]>();
        foreach (var file in Directory.GetFiles(Folder))
        {
            copy[file] = await File.ReadAllBytesAsync(file, Stop);
        }

        return copy;
    }

    private void Restore(Dictionary<string, byte[]> copy)
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        foreach (var (path, bytes) in copy)
        {
            File.WriteAllBytes(path, bytes);
        }
    }
}
