using Flyball.Durable.Journal;
using Flyball.Model.Journaling;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Journal;

public sealed class FileJournalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16 << 20)]
    [InlineData(4 << 10)]
    public async Task What_was_appended_is_there_after_a_restart(long segmentBytes)
    {
        var files = await JournalFolder.WithEntriesAsync(60, segmentBytes);

        using var journal = JournalFolder.Open(files, segmentBytes);
        var entries = await JournalFolder.ReadAllAsync(journal);

        Assert.Equal(60, journal.Head);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"run-{i}"), entries.Select(e => e.Draft.Subject));
        Assert.Equal(entries.Select(e => e.Hash).SkipLast(1), entries.Select(e => e.PreviousHash).Skip(1));
        Assert.Equal(new string('0', 64), entries[0].PreviousHash);
        Assert.Equal(segmentBytes > 1 << 20 ? 1 : 3, JournalFolder.Segments(files).Count());
    }

    [Fact]
    public async Task The_chain_goes_on_after_a_restart()
    {
        var files = await JournalFolder.WithEntriesAsync(3);
        using (var journal = JournalFolder.Open(files))
        {
            await journal.AppendAsync(JournalFolder.Draft(3), expectedHead: 3, Stop);
        }

        var verdict = JournalFolder.Verify(files, head: 4);

        Assert.True(verdict.Ok, verdict.Damage?.ToString());
        Assert.Equal(4, verdict.Entries);
    }

    [Fact]
    public async Task Reading_starts_where_it_is_asked_to()
    {
        var files = await JournalFolder.WithEntriesAsync(10);
        using var journal = JournalFolder.Open(files);

        var entries = await JournalFolder.ReadAllAsync(journal, from: 7);

        Assert.Equal([7, 8, 9], entries.Select(e => e.Position));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_decision_on_a_stale_head_does_not_get_in(long believed)
    {
        var files = await JournalFolder.WithEntriesAsync(2);
        using var journal = JournalFolder.Open(files);

        var conflict = await Assert.ThrowsAsync<JournalConflictException>(
            async () => await journal.AppendAsync(JournalFolder.Draft(9), believed, Stop));

        Assert.Equal(2, conflict.ActualHead);
        Assert.Equal(2, journal.Head);
    }

    [Fact]
    public async Task Concurrent_appends_share_fsyncs_and_keep_one_chain()
    {
        var files = new FaultyFileSystem();
        using var journal = JournalFolder.Open(files);

        await Parallel.ForAsync(0, 500, Stop, async (i, token) => await journal.AppendAsync(JournalFolder.Draft(i), null, token));

        Assert.Equal(500, journal.Head);
        Assert.Equal(500, (await JournalFolder.ReadAllAsync(journal)).Select(e => e.Draft.Subject).Distinct().Count());
        Assert.True(JournalFolder.Verify(files, head: 500).Ok);
    }

    [Fact]
    public async Task Only_one_of_many_who_expect_the_same_head_wins()
    {
        using var journal = JournalFolder.Open(new FaultyFileSystem());
        var wins = 0;

        await Parallel.ForAsync(0, 50, Stop, async (i, token) =>
        {
            try
            {
                await journal.AppendAsync(JournalFolder.Draft(i), expectedHead: 0, token);
                Interlocked.Increment(ref wins);
            }
            catch (JournalConflictException)
            {
            }
        });

        Assert.Equal(1, wins);
        Assert.Equal(1, journal.Head);
    }

    [Fact]
    public async Task A_follower_sees_what_is_there_and_what_comes()
    {
        using var journal = JournalFolder.Open(new FaultyFileSystem());
        await journal.AppendAsync(JournalFolder.Draft(0), null, Stop);
        await using var follower = journal.FollowAsync(0, Stop).GetAsyncEnumerator(Stop);

        Assert.True(await follower.MoveNextAsync());
        var next = follower.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await journal.AppendAsync(JournalFolder.Draft(1), null, Stop);

        Assert.True(await next);
        Assert.Equal(1, follower.Current.Position);
    }

    [Fact]
    public async Task A_full_disk_refuses_and_the_journal_goes_on_when_there_is_room()
    {
        var files = await JournalFolder.WithEntriesAsync(2);
        using var journal = JournalFolder.Open(files);
        files.Capacity = 700;

        await Assert.ThrowsAsync<IOException>(async () => await journal.AppendAsync(Large(), null, Stop));
        Assert.Equal(2, journal.Head);
        files.Capacity = long.MaxValue;
        var entry = await journal.AppendAsync(JournalFolder.Draft(2), expectedHead: 2, Stop);

        Assert.Equal(2, entry.Position);
        Assert.True(JournalFolder.Verify(files, head: 3).Ok);
    }

    [Fact]
    public async Task A_second_process_is_kept_out()
    {
        var files = await JournalFolder.WithEntriesAsync(1);
        using var journal = JournalFolder.Open(files);

        Assert.Throws<IOException>(() => JournalFolder.Open(files));
    }

    [Fact]
    public async Task An_entry_beyond_all_measure_is_refused_before_it_is_written()
    {
        using var journal = JournalFolder.Open(new FaultyFileSystem());

        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.AppendAsync(
            JournalFolder.Draft(0) with { Details = new byte[JournalFormat.MostEntryBytes] }, null, Stop));
        var entry = await journal.AppendAsync(JournalFolder.Draft(0), null, Stop);

        Assert.Equal(0, entry.Position);
    }

    private static JournalDraft Large() => JournalFolder.Draft(0) with { Details = new byte[4096] };
}
