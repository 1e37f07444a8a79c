using Flyball.Durable.Files;
using Flyball.Durable.Journal;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Journal;

/// <summary>Journals of every format ever written open for ever, and are still written the same.</summary>
public sealed class JournalGoldenTests
{
    private static readonly string Folder =
        Path.Combine(SharedData.Repository, "tests", "Flyball.Durable.Tests", "Journal", "Goldens", "v1");

    [Fact]
    public async Task A_journal_of_version_1_opens_and_verifies()
    {
        var files = new FaultyFileSystem();
        AtomicPublish.CreateDirectory(files, JournalFolder.Path);
        foreach (var golden in Directory.GetFiles(Folder))
        {
            using var file = files.Open(Path.Combine(JournalFolder.Path, Path.GetFileName(golden)), OpenMode.Truncate);
            file.Write(0, await File.ReadAllBytesAsync(golden, TestContext.Current.CancellationToken));
        }

        var verdict = JournalFolder.Verify(files);
        using var journal = JournalFolder.Open(files);
        var entries = await JournalFolder.ReadAllAsync(journal);

        Assert.True(verdict.Ok, verdict.Damage?.ToString());
        Assert.Equal("f2b307c27484e695", verdict.Hash[..16]);
        Assert.Equal([JournalFolder.Draft(0).Reason, JournalFolder.Draft(1).Reason, JournalFolder.Draft(2).Reason], entries.Select(e => e.Draft.Reason));
    }

    [Fact]
    public async Task Version_1_is_written_as_it_always_was()
    {
        var files = await JournalFolder.WithEntriesAsync(3);
        foreach (var path in (string[])[.. JournalFolder.Segments(files), Path.Combine(JournalFolder.Path, JournalFormat.HeadName)])
        {
            var golden = Path.Combine(Folder, Path.GetFileName(path));
            if (Environment.GetEnvironmentVariable("FLYBALL_REWRITE_GOLDENS") == "1")
            {
                Directory.CreateDirectory(Folder);
                await File.WriteAllBytesAsync(golden, files.ReadAll(path), TestContext.Current.CancellationToken);
            }

            Assert.Equal(await File.ReadAllBytesAsync(golden, TestContext.Current.CancellationToken), files.ReadAll(path));
        }
    }
}
