using Flyball.Durable.Journal;
using Flyball.Model.Journaling;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Journal;

public sealed class JournalCrashTests
{
    private const int Appends = 14;
    private const long SmallSegments = 4 << 10;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_at_any_operation_loses_nothing_that_was_acknowledged(bool powerLost)
    {
        var operations = (await StoryAsync(new FaultyFileSystem())).Operations;
        for (long n = 1; n <= operations; n++)
        {
            var files = new FaultyFileSystem();
            files.CrashAtOperation(n);
            var acknowledged = await AppendUntilCrashAsync(files);
            files.Restart(powerLost);

            using (var journal = JournalFolder.Open(files, SmallSegments))
            {
                var subjects = (await JournalFolder.ReadAllAsync(journal)).Where(e => e.Draft.Kind != "journal.recovered").Select(e => e.Draft.Subject);
                Assert.Equal(acknowledged, subjects.Take(acknowledged.Count));
                await journal.AppendAsync(JournalFolder.Draft(99), journal.Head, CancellationToken.None);
            }

            var verdict = JournalFolder.Verify(files);
            Assert.True(verdict.Ok, $"after a crash at operation {n}: {verdict.Damage}");
        }
    }

    [Fact]
    public async Task A_failing_disk_leaves_a_good_journal()
    {
        var operations = (await StoryAsync(new FaultyFileSystem())).Operations;
        for (long n = 1; n <= operations; n++)
        {
            var files = new FaultyFileSystem();
            var acknowledged = new List<string>();
            using (var journal = JournalFolder.Open(files, SmallSegments))
            {
                files.FailAtOperation(n, howMany: 2);
                acknowledged.Clear();
                for (var i = 0; i < Appends; i++)
                {
                    await TryAppendAsync(journal, i, acknowledged);
                }

                Assert.Equal(acknowledged, (await JournalFolder.ReadAllAsync(journal)).Select(e => e.Draft.Subject));
            }

            Assert.True(JournalFolder.Verify(files, acknowledged.Count).Ok);
        }
    }

    [Fact]
    public async Task What_was_torn_off_is_kept_beside_and_noted()
    {
        var files = await JournalFolder.WithEntriesAsync(2);
        var segment = JournalFolder.Segments(files).Single();
        using (var file = files.Open(segment, Flyball.Durable.Files.OpenMode.ReadWrite))
        {
            file.Write(file.Length, "FBJ1 half a frame"u8);
        }

        using var journal = JournalFolder.Open(files);
        var last = (await JournalFolder.ReadAllAsync(journal))[^1];

        Assert.Equal("journal.recovered", last.Draft.Kind);
        Assert.Contains(files.List(JournalFolder.Path), f => f.Name.Contains(".torn-", StringComparison.Ordinal));
    }

    private static async Task<FaultyFileSystem> StoryAsync(FaultyFileSystem files)
    {
        await AppendUntilCrashAsync(files);
        return files;
    }

    private static async Task<List<string>> AppendUntilCrashAsync(FaultyFileSystem files)
    {
        var acknowledged = new List<string>();
        try
        {
            using var journal = JournalFolder.Open(files, SmallSegments);
            for (var i = 0; i < Appends; i++)
            {
                await journal.AppendAsync(Wide(i), null, CancellationToken.None);
                acknowledged.Add($"run-{i}");
            }
        }
        catch (Exception e) when (e is IOException or SimulatedCrashException)
        {
        }

        return acknowledged;
    }

    private static async Task TryAppendAsync(FileJournal journal, int i, List<string> acknowledged)
    {
        try
        {
            await journal.AppendAsync(Wide(i), null, CancellationToken.None);
            acknowledged.Add($"run-{i}");
        }
        catch (IOException)
        {
        }
    }

    private static JournalDraft Wide(int i) => JournalFolder.Draft(i) with { Details = new byte[900] };
}
