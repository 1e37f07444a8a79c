using System.Text;
using Flyball.Durable.Files;
using Flyball.Durable.Journal;
using Flyball.Model.Journaling;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Journal;

/// <summary>A journal on a disk in memory, for tests that break it.</summary>
internal static class JournalFolder
{
    public const string Path = "/journal";

    public static FileJournal Open(IFileSystem files, long segmentBytes = 16 << 20) =>
        FileJournal.Open(files, Path, new JournalOptions { SegmentBytes = segmentBytes }, new TestClock(), log: null, CancellationToken.None);

    public static JournalDraft Draft(int number) => new(
        "action.allowed", "policy:p", $"run-{number}", "because \u00e9" + new string('x', number % 7),
        Encoding.UTF8.GetBytes($"{{\"n\":{number}}}"));

    public static async Task<FaultyFileSystem> WithEntriesAsync(int count, long segmentBytes = 16 << 20)
    {
        var files = new FaultyFileSystem();
        using var journal = Open(files, segmentBytes);
        for (var i = 0; i < count; i++)
        {
            await journal.AppendAsync(Draft(i), expectedHead: i, CancellationToken.None);
        }

        return files;
    }

    public static async Task<List<JournalEntry>> ReadAllAsync(IJournal journal, long from = 0)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in journal.ReadAsync(from, CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }

    public static JournalVerdict Verify(IFileSystem files, long? head = null) =>
        JournalVerifier.Verify(files, Path, head, CancellationToken.None);

    public static IEnumerable<string> Segments(IFileSystem files) =>
        files.List(Path).Where(f => f.Name.EndsWith(".journal", StringComparison.Ordinal)).Select(f => System.IO.Path.Combine(Path, f.Name));
}
