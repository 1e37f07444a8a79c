using Flyball.Durable.Journal;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Journal;

public sealed class JournalVerifierTests
{
    [Theory]
    [InlineData(16 << 20, 0x01)]
    [InlineData(16 << 20, 0xff)]
    [InlineData(4 << 10, 0x80)]
    public async Task A_changed_byte_is_found_wherever_it_is(long segmentBytes, byte xor)
    {
        var good = await JournalFolder.WithEntriesAsync(segmentBytes > 1 << 20 ? 6 : 30, segmentBytes);
        foreach (var segment in JournalFolder.Segments(good))
        {
            var length = good.Length(segment);
            for (long at = 0; at < length; at++)
            {
                var disk = good.Copy();
                disk.Corrupt(segment, at, xor);

                var verdict = JournalFolder.Verify(disk);

                Assert.False(verdict.Ok, $"byte {at} of {segment} was changed unnoticed");
                Assert.Equal(segment, verdict.Damage!.Path);
                Assert.True(verdict.Damage.Offset <= at, $"byte {at} was changed, byte {verdict.Damage.Offset} was blamed");
                Assert.Throws<JournalDamagedException>(() => JournalFolder.Open(disk));
            }
        }
    }

    [Fact]
    public async Task The_first_bad_entry_is_named()
    {
        var files = await JournalFolder.WithEntriesAsync(10);
        var entrySize = (files.Length(JournalFolder.Segments(files).Single()) - JournalFormat.HeaderSize) / 10;
        files.Corrupt(JournalFolder.Segments(files).Single(), JournalFormat.HeaderSize + (entrySize * 4) + (entrySize / 2));

        var verdict = JournalFolder.Verify(files);

        Assert.Equal(4, verdict.Damage!.Position);
        Assert.Equal(4, verdict.Entries);
    }

    [Fact]
    public async Task A_cut_off_end_is_found()
    {
        var good = await JournalFolder.WithEntriesAsync(3);
        var segment = JournalFolder.Segments(good).Single();
        for (long length = 0; length < good.Length(segment); length++)
        {
            var disk = good.Copy();
            using (var file = disk.Open(segment, Flyball.Durable.Files.OpenMode.ReadWrite))
            {
                file.SetLength(length);
            }

            Assert.False(JournalFolder.Verify(disk).Ok, $"cut at {length} unnoticed");
        }
    }

    [Fact]
    public async Task A_missing_segment_is_found()
    {
        var good = await JournalFolder.WithEntriesAsync(60, 4 << 10);
        foreach (var segment in JournalFolder.Segments(good))
        {
            var disk = good.Copy();
            disk.Delete(segment);

            Assert.False(JournalFolder.Verify(disk).Ok, $"{segment} is missing unnoticed");
        }
    }

    [Fact]
    public void An_empty_folder_is_a_good_journal() => Assert.True(JournalFolder.Verify(new FaultyFileSystem()).Ok);

    [Fact]
    public async Task Entries_of_another_journal_do_not_fit_in()
    {
        var files = await JournalFolder.WithEntriesAsync(2);
        var other = new FaultyFileSystem();
        using (var journal = JournalFolder.Open(other))
        {
            await journal.AppendAsync(JournalFolder.Draft(7), null, TestContext.Current.CancellationToken);
        }

        var segment = JournalFolder.Segments(files).Single();
        var foreign = other.ReadAll(JournalFolder.Segments(other).Single()).AsSpan(JournalFormat.HeaderSize).ToArray();
        using (var file = files.Open(segment, Flyball.Durable.Files.OpenMode.ReadWrite))
        {
            file.Write(file.Length, foreign);
        }

        var verdict = JournalFolder.Verify(files);

        Assert.Equal(2, verdict.Damage!.Position);
        Assert.Contains("does not follow", verdict.Damage.What, StringComparison.Ordinal);
    }
}
