using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics.Blocks;

/// <summary>The blocks that answer queries, oldest first, and their folder.</summary>
/// <remarks>Thread-safe. The array of blocks is replaced, never changed.</remarks>
internal sealed class BlockSet
{
    private const string DamagedSuffix = ".damaged";

    private readonly string _directory;
    private readonly IFileSystem _files;
    private readonly ILogger _logger;
    private readonly StoreMeter _meter;
    private readonly Lock _gate = new();
    private Block[] _blocks = [];
    private long _nextNumber = 1;

    public BlockSet(string directory, IFileSystem files, ILogger logger, StoreMeter meter)
    {
        _directory = directory;
        _files = files;
        _logger = logger;
        _meter = meter;
    }

    public IReadOnlyList<Block> All => Volatile.Read(ref _blocks);

    public string Directory => _directory;

    /// <summary>Opens what is there; what cannot be opened is set aside and named.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Open()
    {
        AtomicPublish.CreateDirectory(_files, _directory);
        AtomicPublish.DeleteLeftovers(_files, _directory);
        var blocks = new List<Block>();
        foreach (var entry in _files.List(_directory))
        {
            var isDamaged = entry.Name.EndsWith(DamagedSuffix, StringComparison.Ordinal);
            if (!BlockFormat.TryParseFileName(isDamaged ? entry.Name[..^DamagedSuffix.Length] : entry.Name, out var number))
            {
                continue;
            }

            _nextNumber = Math.Max(_nextNumber, number + 1);
            if (!isDamaged && TryOpen(number) is { } block)
            {
                blocks.Add(block);
            }
        }

        foreach (var old in blocks.Where(b => blocks.Exists(o => Supersedes(o, b))).ToList())
        {
            // A crash came between publishing the merged block and deleting what it was merged from.
            blocks.Remove(old);
            DeleteFile(old, "its contents are in a merged block");
        }

        _blocks = Sorted(blocks);
    }

    /// <summary>Told of each block whose samples readers no longer see.</summary>
    public Action<Block>? Lost { get; set; }

    /// <summary>A number for a block that is about to be written, and the path it will have.</summary>
    public (long Number, string Path) NewBlock()
    {
        lock (_gate)
        {
            var number = _nextNumber++;
            return (number, Path.Combine(_directory, BlockFormat.FileName(number)));
        }
    }

    /// <summary>Opens a published block.</summary>
    public Block OpenPublished(long number) => new(_files, PathOf(number), number);

    /// <summary>Puts a block in the place of others, in one step for readers; the files of the others are deleted.</summary>
    public void Replace(IReadOnlyList<Block> old, Block? by, string reason)
    {
        lock (_gate)
        {
            var left = _blocks.Where(b => !old.Contains(b));
            Volatile.Write(ref _blocks, Sorted(by is null ? left : left.Append(by)));
        }

        foreach (var block in old)
        {
            if (by is null)
            {
                Lost?.Invoke(block);
            }

            DeleteFile(block, reason);
        }
    }

    /// <summary>All blocks, each held for the caller, who lets go of each.</summary>
    public List<Block> HoldAll()
    {
        lock (_gate)
        {
            return [.. _blocks.Where(b => b.TryHold())];
        }
    }

    /// <summary>Takes a damaged block out of every later query and keeps its file under another name.</summary>
    public void SetAside(Block block, IOException damage)
    {
        lock (_gate)
        {
            if (!_blocks.Contains(block))
            {
                return;
            }

            Volatile.Write(ref _blocks, [.. _blocks.Where(b => b != block)]);
        }

        Lost?.Invoke(block);

        SetAside(block.Path, damage);
        block.LetGo();
    }

    public void Close()
    {
        lock (_gate)
        {
            foreach (var block in _blocks)
            {
                block.LetGo();
            }

            _blocks = [];
        }
    }

    // Of equal times the sample stored first counts, and age is told by heads: writing a block again gives it a later number.
    private static Block[] Sorted(IEnumerable<Block> blocks) =>
        [.. blocks.OrderBy(b => b.Facts.StartMs).ThenBy(b => b.Facts.Heads.DefaultIfEmpty(long.MaxValue).Min()).ThenBy(b => b.Number)];

    private static bool Supersedes(Block merged, Block old) =>
        (merged.Facts.Heads.Count > old.Facts.Heads.Count
            || (merged.Facts.Heads.Count == old.Facts.Heads.Count && merged.Facts.Level > old.Facts.Level))
        && old.Facts.Heads.Count > 0
        && old.Facts.Heads.All(merged.Facts.Heads.Contains);

    private string PathOf(long number) => Path.Combine(_directory, BlockFormat.FileName(number));

    private Block? TryOpen(long number)
    {
        try
        {
            return OpenPublished(number);
        }
        catch (DamagedFileException e)
        {
            SetAside(PathOf(number), e);
            return null;
        }
        catch (UnknownVersionException e)
        {
            MetricsLog.BlockDamaged(_logger, e.Path, e.Message);
            _meter.BlockDamaged();
            return null;
        }
    }

    private void SetAside(string path, IOException damage)
    {
        MetricsLog.BlockDamaged(_logger, path, damage.Message);
        _meter.BlockDamaged();
        try
        {
            _files.Rename(path, path + DamagedSuffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On a read-only disk it keeps its name; it is out of the set all the same.
            MetricsLog.BlockDamaged(_logger, path, e.Message);
        }
    }

    private void DeleteFile(Block block, string reason)
    {
        try
        {
            _files.Delete(block.Path);
            MetricsLog.Deleted(_logger, block.Path, reason);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is found and deleted at the next start, or by retention.
            MetricsLog.DeleteFailed(_logger, block.Path, e);
        }

        block.LetGo();
    }
}
