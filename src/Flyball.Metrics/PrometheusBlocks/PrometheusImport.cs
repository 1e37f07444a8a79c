using System.Text;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>How far an import is.</summary>
/// <param name="Done">Parts done: blocks, then the head.</param>
/// <param name="Total">Parts there are.</param>
/// <param name="Samples">Samples written so far.</param>
/// <param name="Current">The part that was finished last.</param>
public sealed record ImportProgress(int Done, int Total, long Samples, string Current);

/// <summary>What an import did.</summary>
/// <param name="Blocks">Blocks written.</param>
/// <param name="Skipped">Parts that an earlier import had finished.</param>
/// <param name="Samples">Samples written.</param>
/// <param name="Problems">What could not be read, by file; everything else was.</param>
public sealed record ImportReport(int Blocks, int Skipped, long Samples, IReadOnlyList<string> Problems);

/// <summary>Reads a Prometheus data folder into blocks of ours.</summary>
/// <remarks>
/// Block by block, each published before it is noted as done, so an import that was interrupted goes on where it was; the
/// head last. A part that was written but not yet noted is written again: its samples are the same and merging drops them.
/// </remarks>
internal sealed class PrometheusImport(
    IFileSystem files, string source, string notesPath, long spanMs, BlockSet blocks, Func<long> newHeadNumber, Action<Block> publish)
{
    private readonly WindowedBlocks _output = new(files, spanMs, blocks, newHeadNumber, publish);
    private readonly List<string> _problems = [];
    private int _skipped;

    public ImportReport Run(Action<PrometheusHead> takeRest, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var done = files.FileExists(notesPath)
            ? Encoding.UTF8.GetString(AtomicPublish.ReadFile(files, notesPath)).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet()
            : [];
        var folders = files.List(source).Where(e => e.IsDirectory && files.FileExists(Path.Combine(source, e.Name, "meta.json"))).ToList();
        long newest = long.MinValue;
        for (var i = 0; i < folders.Count; i++)
        {
            var meta = ReadMeta(Path.Combine(source, folders[i].Name, "meta.json"));
            newest = Math.Max(newest, meta.UntilMs);
            if (done.Contains(folders[i].Name))
            {
                _skipped++;
            }
            else if (TryImport(folders[i].Name, meta, cancellationToken))
            {
                done.Add(folders[i].Name);
                AtomicPublish.WriteFile(files, notesPath, Encoding.UTF8.GetBytes(string.Join('\n', done.Order(StringComparer.Ordinal)) + "\n"));
            }

            progress?.Report(new ImportProgress(i + 1, folders.Count + 1, _output.SampleCount, folders[i].Name));
        }

        var head = new PrometheusHead(newest);
        head.Read(files, source);
        _problems.AddRange(head.Problems);
        _output.Write(head.Series, cancellationToken);
        takeRest(head);
        progress?.Report(new ImportProgress(folders.Count + 1, folders.Count + 1, _output.SampleCount, "head"));
        return new ImportReport(_output.BlockCount, _skipped, _output.SampleCount, _problems);
    }

    private static (long FirstMs, long UntilMs) ParseMeta(byte[] bytes)
    {
        using var meta = JsonDocument.Parse(bytes);
        return (meta.RootElement.GetProperty("minTime").GetInt64(), meta.RootElement.GetProperty("maxTime").GetInt64());
    }

    private (long FirstMs, long UntilMs) ReadMeta(string path)
    {
        try
        {
            return ParseMeta(AtomicPublish.ReadFile(files, path));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DamagedFileException(path, 0, e.Message, e);
        }
    }

    // A damaged block is named and left out; the others are worth having.
    private bool TryImport(string folder, (long FirstMs, long UntilMs) meta, CancellationToken cancellationToken)
    {
        try
        {
            Import(Path.Combine(source, folder), meta, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is DamagedFileException or UnknownVersionException or InvalidDataException or ArgumentException or FileNotFoundException)
        {
            _problems.Add($"{folder}: {e.Message}");
            return false;
        }
    }

    private void Import(string folder, (long FirstMs, long UntilMs) meta, CancellationToken cancellationToken)
    {
        using var index = new PrometheusIndex(files, Path.Combine(folder, "index"));
        using var chunks = new PrometheusChunkFiles(files, Path.Combine(folder, "chunks"));
        var tombstones = PrometheusTombstones.Read(files, Path.Combine(folder, "tombstones"));
        var series = index.ReadSeries();
        series.Sort((a, b) => a.Labels.CompareTo(b.Labels));

        var (number, path) = blocks.NewBlock();
        using var writer = new BlockWriter(files, path, number);
        series.ForEach(s => writer.Announce(s.Labels.Encoded));
        writer.BeginSeries();
        using var samples = new SampleColumns();
        using var kept = new SampleColumns();
        foreach (var one in series)
        {
            cancellationToken.ThrowIfCancellationRequested();
            samples.Clear();
            foreach (var chunk in one.Chunks)
            {
                var data = chunks.Read(chunk.Reference, out var encoding);
                ChunkDecoder.Decode(encoding, data, samples);
            }

            WindowedBlocks.Keep(samples, kept, t => meta.FirstMs <= t && t < meta.UntilMs && !tombstones.Covers(one.Id, t));
            writer.Add(one.Labels.Encoded, kept);
        }

        _output.Publish(writer, number, meta.FirstMs, meta.UntilMs);
    }
}
