using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Wire;

namespace Flyball.Pipelines.History;

/// <summary>A page of the history, opened for reading; layout: <see cref="RunPageFormat"/>. Safe from many threads.</summary>
internal sealed class RunPage : IDisposable
{
    private readonly IMappedFile _file;
    private readonly Dictionary<int, Section> _sections = [];
    private readonly HashSet<int> _superseded = [];
    private bool _anySuperseded;
    private Unpacked? _lastUnpacked;
    private bool _groupsChecked;

    private RunPage(long number, string path, IMappedFile file)
    {
        Number = number;
        Path = path;
        _file = file;
    }

    /// <summary>Pages are numbered in the order in which they were written.</summary>
    public long Number { get; }

    public string Path { get; }

    public long Bytes => _file.Length;

    /// <summary>Number of runs.</summary>
    public int Count { get; private set; }

    private int TaskCount => (int)Numbers(RunPageSection.FirstTask)[Count];

    /// <summary>When the first and the last run began, and when the last thing in any ended, in nanoseconds.</summary>
    public ulong FirstBegin { get; private set; }

    public ulong LastBegin { get; private set; }

    public ulong LastEnd { get; private set; }

    /// <summary>Number of distinct strings.</summary>
    public int Strings { get; private set; }

    /// <summary>Opens a page and checks all of it but the whole runs, which are checked when one is read.</summary>
    /// <exception cref="DamagedFileException">A checksum does not match.</exception>
    /// <exception cref="UnknownVersionException">A later version of the program wrote it.</exception>
    public static RunPage Open(IFileSystem files, string path, long number)
    {
        var page = new RunPage(number, path, files.Map(path));
        try
        {
            page.ReadHeader();
            return page;
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>What a run's key is found by.</summary>
    public static ulong HashOf(RunKey key) => key.DeriveTraceId().High;

    /// <summary>A cursor over the runs; one per thread.</summary>
    /// <param name="columns">Where columns are unpacked; null when few rows will be read.</param>
    public PageRow Rows(PageColumns? columns = null) => new(this, columns);

    /// <summary>How many numbers a section of runs or attempts has.</summary>
    public int CountOf(RunPageSection section) => section switch
    {
        RunPageSection.FirstTask => Count + 1,
        >= RunPageSection.TaskAttempt and <= RunPageSection.TaskEndKnown => TaskCount,
        >= RunPageSection.RunAttempt and <= RunPageSection.RunBegin => Count,
        _ => ((RunColumn)section).IsOfTask() ? TaskCount : Count,
    };

    /// <summary>Whether the page has a section: columns have been added since the first pages were written.</summary>
    public bool Has(RunPageSection section) => _sections.ContainsKey((int)section);

    public NumberColumn Numbers(RunPageSection section)
    {
        var found = _sections[(int)section];
        return new NumberColumn(_file.Slice(found.Offset, (int)found.Length), found.Width, found.Start, found.Unit);
    }

    public ReadOnlySpan<byte> StringBytes(int number)
    {
        var offsets = Numbers(RunPageSection.StringOffsets);
        var from = (int)offsets[number];
        return BytesOf(RunPageSection.StringBytes)[from..(int)offsets[number + 1]];
    }

    public string String(int number) => number == 0 ? "" : Encoding.UTF8.GetString(StringBytes(number));

    public TraceId TraceIdOf(int row) => TraceId.Read(BytesOf(RunPageSection.TraceIds)[(row * TraceId.Size)..]);

    public ReadOnlySpan<ulong> KeyHashes() => MemoryMarshal.Cast<byte, ulong>(BytesOf(RunPageSection.KeyHashes));

    /// <summary>Whether a later page holds a later copy of the run.</summary>
    public bool IsSuperseded(int row)
    {
        // Most pages have none, and millions of rows ask.
        if (!Volatile.Read(ref _anySuperseded))
        {
            return false;
        }

        lock (_superseded)
        {
            return _superseded.Contains(row);
        }
    }

    public void Supersede(int row)
    {
        lock (_superseded)
        {
            _superseded.Add(row);
            Volatile.Write(ref _anySuperseded, true);
        }
    }

    /// <summary>Where earlier copies of this page's runs lie.</summary>
    public IReadOnlyList<(long Page, int Row)> Supersedes()
    {
        var bytes = BytesOf(RunPageSection.Superseded);
        var places = new (long, int)[bytes.Length / RunPageFormat.SupersededSize];
        for (var i = 0; i < places.Length; i++)
        {
            var place = bytes[(i * RunPageFormat.SupersededSize)..];
            places[i] = (BinaryPrimitives.ReadInt64LittleEndian(place), BinaryPrimitives.ReadInt32LittleEndian(place[8..]));
        }

        return places;
    }

    /// <summary>The row of a run by its trace; −1 if it is not here.</summary>
    public int Find(TraceId trace)
    {
        Span<byte> wanted = stackalloc byte[TraceId.Size];
        trace.Write(wanted);
        var ids = MemoryMarshal.Cast<byte, UInt128>(BytesOf(RunPageSection.TraceIds));
        return ids.IndexOf(MemoryMarshal.Read<UInt128>(wanted));
    }

    /// <summary>The row of a run by its key; −1 if it is not here.</summary>
    public int Find(RunKey key)
    {
        var hash = HashOf(key);
        var hashes = KeyHashes();
        for (var from = 0; from < hashes.Length;)
        {
            var at = hashes[from..].IndexOf(hash);
            if (at < 0)
            {
                return -1;
            }

            if (KeyOf(from + at) == key)
            {
                return from + at;
            }

            from += at + 1;
        }

        return -1;
    }

    /// <summary>A whole run.</summary>
    /// <exception cref="DamagedFileException">Its group cannot be unpacked.</exception>
    public PipelineRun Read(int row)
    {
        var group = row / RunPageFormat.RunsPerGroup;
        var unpacked = _lastUnpacked;
        if (unpacked?.Group != group)
        {
            _lastUnpacked = unpacked = Unpack(group);
        }

        var offsets = Numbers(RunPageSection.RunOffsets);
        var from = (int)offsets[row];
        var last = row + 1 == Count || (row + 1) % RunPageFormat.RunsPerGroup == 0;
        var until = last ? unpacked.Bytes.Length : (int)offsets[row + 1];
        try
        {
            return RunSnapshotReader.Read(unpacked.Bytes.AsSpan(from, until - from));
        }
        catch (Exception e) when (e is JsonException or WireFormatException)
        {
            throw Damaged(RunPageSection.GroupBytes, $"run {row} cannot be read", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private RunKey KeyOf(int row)
    {
        string Text(RunColumn column) => String((int)Numbers((RunPageSection)column)[row]);
        return new RunKey(Text(RunColumn.System), Text(RunColumn.Instance), Text(RunColumn.RunId), (int)Numbers(RunPageSection.RunAttempt)[row]);
    }

    private Unpacked Unpack(int group)
    {
        if (!_groupsChecked)
        {
            Check(_sections[(int)RunPageSection.GroupBytes]);
            _groupsChecked = true;
        }

        var offsets = Numbers(RunPageSection.GroupOffsets);
        var packed = BytesOf(RunPageSection.GroupBytes)[(int)offsets[group]..(int)offsets[group + 1]];
        var bytes = new byte[(int)Numbers(RunPageSection.GroupLengths)[group]];
        return BrotliDecoder.TryDecompress(packed, bytes, out var written) && written == bytes.Length
            ? new Unpacked(group, bytes)
            : throw Damaged(RunPageSection.GroupBytes, $"group {group} cannot be unpacked");
    }

    private void ReadHeader()
    {
        if (_file.Length < RunPageFormat.HeaderSize)
        {
            throw new DamagedFileException(Path, 0, $"{_file.Length} bytes are no page");
        }

        var header = _file.Slice(0, RunPageFormat.HeaderSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != RunPageFormat.Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[44..]) != Crc32C.Of(header[..44]))
        {
            throw new DamagedFileException(Path, 0, "the header is not that of a page of runs");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version > RunPageFormat.Version)
        {
            throw new UnknownVersionException(Path, version, RunPageFormat.Version);
        }

        Count = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        FirstBegin = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        LastBegin = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        LastEnd = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        ReadTable(BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), BinaryPrimitives.ReadUInt32LittleEndian(header[40..]));

        // Only "" alone has all its offsets alike.
        var offsets = _sections[(int)RunPageSection.StringOffsets];
        Strings = offsets.Width == 0 ? 1 : (int)(offsets.Length / offsets.Width) - 1;
    }

    private void ReadTable(int count, uint checksum)
    {
        var size = count * RunPageFormat.EntrySize;
        if (_file.Length < RunPageFormat.HeaderSize + size || Crc32C.Of(_file.Slice(RunPageFormat.HeaderSize, size)) != checksum)
        {
            throw new DamagedFileException(Path, RunPageFormat.HeaderSize, "the table of sections does not match its checksum");
        }

        for (var i = 0; i < count; i++)
        {
            var entry = _file.Slice(RunPageFormat.HeaderSize + (i * RunPageFormat.EntrySize), RunPageFormat.EntrySize);
            var section = new Section(
                entry[2], BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), (long)BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]), (long)BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]));
            var number = BinaryPrimitives.ReadUInt16LittleEndian(entry);
            if (section.Offset > _file.Length || section.Length > _file.Length - section.Offset)
            {
                throw new DamagedFileException(Path, section.Offset, $"section {number} reaches beyond the file");
            }

            _sections[number] = section;
            if (number != (int)RunPageSection.GroupBytes)
            {
                Check(section);
            }
        }
    }

    private ReadOnlySpan<byte> BytesOf(RunPageSection section)
    {
        var found = _sections[(int)section];
        return _file.Slice(found.Offset, (int)found.Length);
    }

    private void Check(Section section)
    {
        if (Crc32C.Of(_file.Slice(section.Offset, (int)section.Length)) != section.Checksum)
        {
            throw new DamagedFileException(Path, section.Offset, "a section does not match its checksum");
        }
    }

    private DamagedFileException Damaged(RunPageSection section, string problem, Exception? cause = null) =>
        new(Path, _sections[(int)section].Offset, problem, cause);

    private readonly record struct Section(int Width, uint Checksum, long Offset, long Length, ulong Start, ulong Unit);

    private sealed record Unpacked(int Group, byte[] Bytes);
}
