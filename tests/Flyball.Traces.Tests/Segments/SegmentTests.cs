using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Testing.Files;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces.Tests.Segments;

public class SegmentTests
{
    private const string Path = "/0000000001.spans";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 40)]
    [InlineData(4, 1000)]
    [InlineData(2, 5000)]
    public void Every_span_of_any_pages_is_read_back_once(int pages, int spansEach)
    {
        var inputs = new List<SpanPage>();
        for (var i = 0; i < pages; i++)
        {
            inputs.Add(BatchToPage.Convert(new RandomSpans(i + spansEach).Batch(spansEach, traces: spansEach / 10)));
        }

        var disk = new FaultyFileSystem();
        SegmentWriter.Write(disk, Path, [.. inputs.Select(MergeInput.Of)], [], quality: 1, Stop);
        var segment = Segment.Open(disk, Path, 1, new StringBlockCache(100_000));
        var view = new StoreView([], [segment]);
        var memory = new StoreView([.. inputs], []);
        var ids = inputs.SelectMany(p => Enumerable.Range(0, p.Count).Select(p.TraceOf)).Distinct().ToList();
        Assert.Equal(ids.Count, segment.Footer.Traces);
        foreach (var id in ids)
        {
            Assert.Equal(Describe(memory, id), Describe(view, id));
        }

        Assert.False(segment.TryFindTrace(new TraceId(9, 9), out _, out _));
    }

    [Fact]
    public void A_changed_byte_anywhere_is_noticed_or_harmless()
    {
        var disk = new FaultyFileSystem();
        var page = BatchToPage.Convert(new RandomSpans(5).Batch(60));
        SegmentWriter.Write(disk, Path, [MergeInput.Of(page)], [], quality: 1, Stop);
        var expected = Describe(new StoreView([page], []), page.TraceOf(0));
        var bytes = AtomicPublish.ReadFile(disk, Path);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x40;
            AtomicPublish.WriteFile(disk, "/changed.spans", bytes);
            bytes[at] ^= 0x40;
            try
            {
                using var view = new StoreView([], [Segment.Open(disk, "/changed.spans", 1, new StringBlockCache(100_000))]);
                Assert.Equal(expected, Describe(view, page.TraceOf(0)));
            }
            catch (DamagedFileException)
            {
            }
        }
    }

    [Fact]
    public void A_cut_off_file_is_refused()
    {
        var disk = new FaultyFileSystem();
        SegmentWriter.Write(disk, Path, [MergeInput.Of(BatchToPage.Convert(new RandomSpans(5).Batch(60)))], [], quality: 1, Stop);
        var bytes = AtomicPublish.ReadFile(disk, Path);
        for (var length = 0; length < bytes.Length; length += 17)
        {
            AtomicPublish.WriteFile(disk, "/short.spans", bytes.AsSpan(0, length));
            Assert.Throws<DamagedFileException>(() => Segment.Open(disk, "/short.spans", 1, new StringBlockCache(1)));
        }
    }

    [Fact]
    public void Postings_name_exactly_the_pages_a_string_occurs_in()
    {
        var batch = Spans.Batch("s");
        for (ulong i = 1; i <= 20_000; i++)
        {
            Spans.Add(batch, new SpanSpec(i, 1, StartMs: i, Attributes: i % 5000 == 0 ? [("rare", "one " + (i / 10_000))] : [("common", "all")]));
        }

        var disk = new FaultyFileSystem();
        SegmentWriter.Write(disk, Path, [MergeInput.Of(BatchToPage.Convert(batch))], [], quality: 1, Stop);
        var segment = Segment.Open(disk, Path, 1, new StringBlockCache(100_000));
        Assert.Equal(5, segment.Footer.Pages.Length);
        Assert.Equal([2], segment.PagesOf(segment.Find("one 1"u8)).ToArray()[..1]);
        Assert.Equal([1], segment.PagesOf(segment.Find("one 0"u8)).ToArray());
        Assert.Empty(segment.PagesOf(segment.Find("all"u8)).ToArray());
        Assert.Equal(-1, segment.Find("none"u8));
        Assert.Equal(["common", "rare"], segment.Footer.Keys[(int)AttributeOwner.Span].Select(k => System.Text.Encoding.UTF8.GetString(segment[k])));
    }

    private static string Describe(StoreView view, TraceId id)
    {
        var batch = new SpanBatch();
        var writer = new PageToBatch(batch);
        foreach (var row in TraceRows.Read(view, id).Items)
        {
            writer.Add(row.Page, row.Index);
        }

        return Spans.Describe(batch);
    }
}
