using System.Security.Cryptography;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>What an export did.</summary>
/// <param name="Blocks">Names of the blocks written.</param>
/// <param name="Samples">Samples in them.</param>
public sealed record ExportReport(IReadOnlyList<string> Blocks, long Samples)
{
    /// <summary>Stretches that an export which was interrupted had finished.</summary>
    public int Skipped { get; init; }
}

/// <summary>How far an export is.</summary>
/// <param name="Done">Stretches of time done.</param>
/// <param name="Total">Stretches there are.</param>
/// <param name="Samples">Samples written so far.</param>
public sealed record ExportProgress(int Done, int Total, long Samples);

/// <summary>Writes what a source holds as Prometheus blocks of two hours each; goes on where an interrupted export was.</summary>
internal sealed class PrometheusExport(ISeriesSource source, IFileSystem files, string target, TimeProvider time)
{
    private const string UlidDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string NotesName = "flyball-export";
    private static readonly long Span = (long)TimeSpan.FromHours(2).TotalMilliseconds;

    private string NotesPath => Path.Combine(target, NotesName);

    public ExportReport Run(TimeRange range, IProgress<ExportProgress>? progress, CancellationToken cancellationToken)
    {
        AtomicPublish.CreateDirectory(files, target);
        AtomicPublish.DeleteLeftovers(files, target);

        // Prometheus' tools insist on a log, if only an empty one.
        AtomicPublish.CreateDirectory(files, Path.Combine(target, "wal"));
        var done = ReadNotes();
        var blocks = new List<string>();
        long samples = 0;
        var skipped = 0;
        var windows = Windows(range).ToList();
        for (var i = 0; i < windows.Count; i++)
        {
            var key = KeyOf(windows[i]);
            if (done.TryGetValue(key, out var before) && (before.Length == 0 || files.FileExists(Path.Combine(target, before, "meta.json"))))
            {
                skipped++;
            }
            else
            {
                var written = WriteBlock(windows[i], cancellationToken);
                done[key] = written?.Name ?? "";
                WriteNotes(done);
                if (written is var (name, count))
                {
                    blocks.Add(name);
                    samples += count;
                }
            }

            progress?.Report(new ExportProgress(i + 1, windows.Count, samples));
        }

        // Whole: a later export into this folder is another one, and writes everything again.
        files.Delete(NotesPath);
        return new ExportReport(blocks, samples) { Skipped = skipped };
    }

    // A stretch that ends with the newest sample may have grown since, so its end belongs to its key.
    private static string KeyOf(TimeRange window) => $"{window.First.Value}-{window.Last.Value}";

    // A line per finished stretch: its range, and the block it became, if it became any.
    private Dictionary<string, string> ReadNotes() => !files.FileExists(NotesPath) ? [] :
        Encoding.UTF8.GetString(AtomicPublish.ReadFile(files, NotesPath)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).ToDictionary(p => p[0], p => p.Length > 1 ? p[1] : "", StringComparer.Ordinal);

    private void WriteNotes(Dictionary<string, string> done) =>
        AtomicPublish.WriteFile(files, NotesPath, Encoding.UTF8.GetBytes(string.Concat(done.Select(d => $"{d.Key} {d.Value}\n"))));

    private static IEnumerable<TimeRange> Windows(TimeRange range)
    {
        var start = range.First.Value - (((range.First.Value % Span) + Span) % Span);
        for (; start <= range.Last.Value; start += Span)
        {
            yield return new TimeRange(
                new TimestampMs(Math.Max(start, range.First.Value)), new TimestampMs(Math.Min(start + Span - 1, range.Last.Value)));
        }
    }

    private (string Name, long Samples)? WriteBlock(TimeRange window, CancellationToken cancellationToken)
    {
        using var selection = source.Select(new SeriesQuery(window, []), cancellationToken);
        if (selection.Count == 0)
        {
            return null;
        }

        var name = NewUlid();
        using var writer = new PrometheusBlockWriter(files, Path.Combine(target, name));
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            samples.Clear();
            selection.Read(i, samples, cancellationToken);
            writer.Add(selection.Labels(i), samples);
        }

        if (writer.SampleCount == 0)
        {
            writer.Dispose();
            AtomicPublish.DeleteLeftovers(files, target);
            return null;
        }

        writer.Finish(name, window.First.Value, window.Last.Value + 1);
        return (name, writer.SampleCount);
    }

    // 48 bits of time, 80 of chance, in Crockford's base 32.
    private string NewUlid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[6..]);
        var now = TimestampMs.Now(time).Value;
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(now >> (40 - (8 * i)));
        }

        var number = new System.Numerics.BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        Span<char> text = stackalloc char[26];
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = UlidDigits[(int)(number & 31)];
            number >>= 5;
        }

        return new string(text);
    }
}
