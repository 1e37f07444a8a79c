using Flyball.Durable.Files;

namespace Flyball.Durable.Journal;

/// <summary>Checks a journal from its first byte to its last, without changing anything.</summary>
public static class JournalVerifier
{
    /// <summary>Checks every checksum, every hash and the chain they form.</summary>
    /// <param name="files">Where the journal lies.</param>
    /// <param name="directory">Its folder. A folder without segments is an empty, good journal.</param>
    /// <param name="head">How many entries must be there; null = what the folder itself says.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <remarks>May run while the journal is being written: an append that is not finished yet counts as not there.</remarks>
    public static JournalVerdict Verify(IFileSystem files, string directory, long? head, CancellationToken cancellationToken)
    {
        var scan = new JournalScan(files, directory);
        scan.Run(onEntry: null, cancellationToken);
        var damage = scan.Damage;
        if (damage is null && head > scan.Entries)
        {
            var path = scan.Segments.Count > 0 ? scan.Segments[^1].Path : directory;
            damage = new JournalDamage(path, scan.TornAt ?? 0, scan.Entries, $"{head} entries were acknowledged, only {scan.Entries} are whole");
        }

        if (damage is null && head is null && scan.TornAt is { } at)
        {
            damage = new JournalDamage(
                scan.Segments[^1].Path, at, scan.Entries, "the file breaks off inside an entry, as after a crash; the server mends that when it starts");
        }

        return new JournalVerdict(scan.Entries, Convert.ToHexStringLower(scan.Hash), damage);
    }
}

/// <summary>What a check of a journal found.</summary>
/// <param name="Entries">Whole entries before the first damage.</param>
/// <param name="Hash">Hash of the last of them: note it elsewhere to notice a journal that was replaced as a whole.</param>
/// <param name="Damage">The first thing that is wrong; null when nothing is.</param>
public sealed record JournalVerdict(long Entries, string Hash, JournalDamage? Damage)
{
    /// <summary>Whether all is as it was written.</summary>
    public bool Ok => Damage is null;
}
