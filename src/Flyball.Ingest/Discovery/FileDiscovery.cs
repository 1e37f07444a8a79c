using System.Threading.Channels;
using Flyball.Model.Labels;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Discovery;

/// <summary>Targets in files: read when they change and, in case that went unnoticed, at an interval. Prometheus documentation, "Configuration".</summary>
/// <remarks>A file that cannot be read or understood keeps the targets it had; a file that is gone has none.</remarks>
internal sealed class FileDiscovery(FileDiscoveryConfig config, TimeProvider time, ILogger logger) : IDiscovery
{
    private const string PathLabel = "__meta_filepath";

    // Editors and copies announce one change several times; what arrives in this time is one change.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, IReadOnlyList<TargetGroup>> _groups = [];

    public async Task RunAsync(Action<IReadOnlyList<TargetGroup>> publish, CancellationToken cancellationToken)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var watchers = Watch(() => changed.Writer.TryWrite(true));
        try
        {
            await using var timer = time.CreateTimer(
                _ => changed.Writer.TryWrite(true), null, config.RefreshInterval.ToTimeSpan(), config.RefreshInterval.ToTimeSpan());
            Refresh(publish);
            while (await changed.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(Settling, time, cancellationToken);
                changed.Reader.TryRead(out _);
                Refresh(publish);
            }
        }
        finally
        {
            watchers.ForEach(w => w.Dispose());
        }
    }

    /// <summary>The files that a path with at most one <c>*</c> in its last part names now, sorted.</summary>
    internal static IReadOnlyList<string> Expand(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var pattern = Path.GetFileName(path);
        if (!pattern.Contains('*', StringComparison.Ordinal))
        {
            return File.Exists(path) ? [path] : [];
        }

        try
        {
            return [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that is not there, or not ours to read, holds no targets today.
            return [];
        }
    }

    private void Refresh(Action<IReadOnlyList<TargetGroup>> publish)
    {
        var present = config.Files.SelectMany(Expand).ToHashSet();
        foreach (var gone in _groups.Keys.Except(present).ToList())
        {
            _groups.Remove(gone);
        }

        foreach (var path in present)
        {
            try
            {
                _groups[path] = Read(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                DiscoveryLog.FileRefused(logger, path, e.Message);
            }
        }

        publish([.. _groups.OrderBy(g => g.Key, StringComparer.Ordinal).SelectMany(g => g.Value)]);
    }

    private static List<TargetGroup> Read(string path)
    {
        var labels = LabelSet.Of((PathLabel, path));
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? TargetGroupReader.ReadJson(path, File.ReadAllBytes(path), labels)
            : TargetGroupReader.ReadYaml(path, File.ReadAllText(path), labels);
    }

    private List<FileSystemWatcher> Watch(Action changed)
    {
        var watchers = new List<FileSystemWatcher>();
        foreach (var folder in config.Files.Select(f => Path.GetDirectoryName(Path.GetFullPath(f))!).Distinct())
        {
            try
            {
                var watcher = new FileSystemWatcher(folder);
                watchers.Add(watcher);
                watcher.Changed += (_, _) => changed();
                watcher.Created += (_, _) => changed();
                watcher.Deleted += (_, _) => changed();
                watcher.Renamed += (_, _) => changed();
                watcher.EnableRaisingEvents = true;
            }
            catch (Exception e) when (e is ArgumentException or IOException)
            {
                DiscoveryLog.FolderNotWatched(logger, folder, config.RefreshInterval.ToSeconds(), e);
            }
        }

        return watchers;
    }
}
