using FsCheck;
using FsCheck.Fluent;
using Flyball.Model.Spans;
using Flyball.Traces.Bytes;
using Flyball.Traces.Head;
using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Tests.Pages;

public class PageTests
{
    [Fact]
    public void Any_batch_comes_back_from_a_page_and_from_a_log_record()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var batch = new RandomSpans(seed).Batch(Math.Abs(seed % 300));
            var expected = Spans.Describe(batch);
            var page = BatchToPage.Convert(batch);
            Assert.Equal(expected, Describe(page));
            Assert.Equal(expected, Describe(LogRecordFormat.Read(RecordOf(page))));
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Joined_pages_hold_the_rows_of_both()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var first = BatchToPage.Convert(new RandomSpans(seed).Batch(20));
            var second = BatchToPage.Convert(new RandomSpans(seed + 1000).Batch(30));
            Assert.Equal(Describe(first) + Describe(second), Describe(PageMerge.Join(first, second)));
        }
    }

    [Fact]
    public void Broken_records_are_named_as_such()
    {
        var random = new Random(11);
        var record = RecordOf(BatchToPage.Convert(new RandomSpans(1).Batch(40)));
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = record[..random.Next(record.Length / 2, record.Length + 1)];
            for (var j = random.Next(4); j > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                LogRecordFormat.Read(bytes);
            }
            catch (Exception e) when (e is InvalidDataException or OverflowException or OutOfMemoryException)
            {
            }
        }
    }

    [Fact]
    public void Ten_thousand_attribute_names_and_wide_values_come_back()
    {
        var batch = Spans.Batch("wide");
        for (ulong i = 1; i <= 1000; i++)
        {
            var attributes = Enumerable.Range(0, 10).Select(k => ($"key {(i * 10) + (ulong)k}", (object)$"value {i}")).ToArray();
            Spans.Add(batch, new SpanSpec(i, i, Attributes: i % 100 == 0 ? [.. attributes, ("wide", new string('x', 65_536))] : attributes));
        }

        var page = BatchToPage.Convert(batch);
        Assert.Equal(Spans.Describe(batch), Describe(LogRecordFormat.Read(RecordOf(page))));
    }

    private static byte[] RecordOf(SpanPage page)
    {
        var writer = new ByteWriter();
        new LogRecordFormat().Write(page, (StringTable)page.Strings, writer);
        return writer.Written.ToArray();
    }

    private static string Describe(SpanPage page)
    {
        var batch = new SpanBatch();
        var writer = new PageToBatch(batch);
        for (var row = 0; row < page.Count; row++)
        {
            writer.Add(page, row);
        }

        return page.Count == 0 ? "" : Spans.Describe(batch);
    }
}
