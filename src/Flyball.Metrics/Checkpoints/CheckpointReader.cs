using System.Buffers.Binary;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Head;
using Flyball.Metrics.Pages;
using Flyball.Model.Time;

namespace Flyball.Metrics.Checkpoints;

/// <summary>Builds heads again from a checkpoint; nothing of it is used unless all of it is whole.</summary>
/// <remarks>
/// 1. Walk the frames: their lengths lead to the end frame, which knows how many there are. 2. Per head, one thread copies pages while
/// another copies labels and then enters series; each frame's checksum is compared where it is copied.
/// </remarks>
internal sealed class CheckpointReader : IDisposable
{
    private readonly IMappedFile _file;
    private readonly List<Frame> _frames = [];

    private CheckpointReader(IMappedFile file) => _file = file;

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="sealedHeads">Heads that are blocks already: left out.</param>
    /// <param name="now">When the heads count as begun.</param>
    /// <exception cref="InvalidDataException">It is damaged or unfinished.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<Checkpoint> ReadAsync(IFileSystem files, string path, IReadOnlySet<long> sealedHeads, TimestampMs now)
    {
        using var reader = new CheckpointReader(files.Map(path));
        reader.FindFrames();
        return await reader.ReadAsync(sealedHeads, now);
    }

    public void Dispose() => _file.Dispose();

    private void FindFrames()
    {
        if (_file.Length < CheckpointFormat.FileHeaderSize || !CheckpointFormat.IsCheckpoint(_file.Slice(0, CheckpointFormat.FileHeaderSize)))
        {
            throw new InvalidDataException("it is no checkpoint of version 1");
        }

        long at = CheckpointFormat.FileHeaderSize;
        while (at <= _file.Length - CheckpointFormat.FrameHeaderSize)
        {
            var header = _file.Slice(at, CheckpointFormat.FrameHeaderSize);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            var next = at + CheckpointFormat.FrameHeaderSize + length;
            if (length < 0 || next > _file.Length)
            {
                break;
            }

            _frames.Add(new Frame(header[0], at, length));
            at = next;
        }

        if (at != _file.Length || _frames is not [{ Kind: CheckpointFormat.Begin }, .., { Kind: CheckpointFormat.End }])
        {
            throw new InvalidDataException($"it ends in the middle, at byte {at} of {_file.Length}");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(Payload(_frames[^1])) != _frames.Count - 1)
        {
            throw new InvalidDataException("frames are missing");
        }
    }

    private async Task<Checkpoint> ReadAsync(IReadOnlySet<long> sealedHeads, TimestampMs now)
    {
        var position = ReadBegin();
        var heads = new List<RestoredHead>();
        byte[] sections = [];
        for (var i = 1; i < _frames.Count - 1; i++)
        {
            if (_frames[i].Kind == CheckpointFormat.Sections)
            {
                sections = Payload(_frames[i]).ToArray();
                continue;
            }

            var facts = ReadFacts(_frames[i]);
            var frames = FramesOf(i);
            i += frames.Count;
            if (sealedHeads.Contains(facts.Number))
            {
                CheckUnread(frames);
            }
            else
            {
                heads.Add(await ReadHeadAsync(facts, frames, now));
            }
        }

        return new Checkpoint(position, heads, sections, _file.Length);
    }

    private LogPosition ReadBegin()
    {
        var from = new ByteReader(Payload(_frames[0]));
        return new LogPosition(from.ReadI64(), from.ReadI64());
    }

    // Were a damaged byte to turn the next head into a part of this one, that head would be missing without a word.
    private void CheckUnread(List<Frame> frames)
    {
        foreach (var frame in frames)
        {
            Payload(frame);
        }
    }

    private List<Frame> FramesOf(int head)
    {
        var until = _frames.FindIndex(head + 1, f => f.Kind is not (CheckpointFormat.Series or CheckpointFormat.Labels or CheckpointFormat.Pages));
        return _frames[(head + 1)..until];
    }

    private async Task<RestoredHead> ReadHeadAsync(HeadFacts facts, List<Frame> frames, TimestampMs now)
    {
        var (labels, pages) = (new ByteArena(), new ByteArena());
        var copying = Task.Run(() => ReadArena(frames, CheckpointFormat.Pages, pages));
        var head = new HeadPart(facts.Number, facts.StartMs, facts.UntilMs, now, labels, pages) { FirstSegment = facts.FirstSegment };
        LogPosition[] covered;
        try
        {
            ReadArena(frames, CheckpointFormat.Labels, labels);
            covered = ReadSeries(frames, facts, head);
        }
        finally
        {
            // Not before: the mapping must outlive who reads it.
            await copying;
        }

        head.Resume(facts.SampleCount, facts.PageCount, facts.OldestMs, facts.NewestMs);
        return new RestoredHead(head, facts.LoggedSeries, covered);
    }

    private HeadFacts ReadFacts(Frame frame)
    {
        if (frame.Kind != CheckpointFormat.Head)
        {
            throw new InvalidDataException($"the frame at byte {frame.At} is of kind {frame.Kind}");
        }

        var from = new ByteReader(Payload(frame));
        return HeadFacts.Read(ref from);
    }

    private LogPosition[] ReadSeries(List<Frame> frames, HeadFacts facts, HeadPart head)
    {
        var covered = new List<LogPosition>();
        head.Series.Expect(facts.SeriesCount);
        foreach (var frame in frames.Where(f => f.Kind == CheckpointFormat.Series))
        {
            var from = new ByteReader(Payload(frame));
            var first = (int)from.ReadU32();
            var count = (int)from.ReadU32();
            covered.Add(new LogPosition(from.ReadI64(), from.ReadI64()));
            if (first != head.Series.Count)
            {
                throw new InvalidDataException($"series {head.Series.Count} of head {facts.Number} are followed by {first}");
            }

            for (; count > 0; count--)
            {
                SeriesRecord.Read(ref from, head);
            }
        }

        return head.Series.Count == facts.SeriesCount
            ? [.. covered]
            : throw new InvalidDataException($"head {facts.Number} has {head.Series.Count} of {facts.SeriesCount} series");
    }

    private void ReadArena(List<Frame> frames, byte kind, ByteArena to)
    {
        var chunks = new List<byte[]>();
        var used = 0;
        foreach (var frame in frames.Where(f => f.Kind == kind))
        {
            var from = new ByteReader(Payload(frame));
            if (from.ReadU32() != chunks.Count)
            {
                throw new InvalidDataException($"chunk {chunks.Count} of an arena is missing");
            }

            var chunk = GC.AllocateUninitializedArray<byte>((int)from.ReadU32());
            from.Rest.CopyTo(chunk);
            used = from.Remaining;
            chunks.Add(chunk);
        }

        to.GoOn([.. chunks], used);
    }

    private ReadOnlySpan<byte> Payload(Frame frame)
    {
        var header = _file.Slice(frame.At, CheckpointFormat.FrameHeaderSize);
        var payload = _file.Slice(frame.At + CheckpointFormat.FrameHeaderSize, frame.Length);
        return CheckpointFormat.IsIntact(header, payload)
            ? payload
            : throw new InvalidDataException($"the checksum of the frame at byte {frame.At} does not match");
    }

    private readonly record struct Frame(byte Kind, long At, int Length);
}

/// <summary>What a checkpoint holds.</summary>
/// <param name="Position">Where in the log a start goes on.</param>
/// <param name="Sections">Metadata and exemplars, as a record of the log.</param>
/// <param name="Length">Bytes of the file.</param>
internal sealed record Checkpoint(LogPosition Position, IReadOnlyList<RestoredHead> Heads, byte[] Sections, long Length);

/// <summary>A head out of a checkpoint.</summary>
/// <param name="LoggedSeries">Series whose labels the log states before the checkpoint's position.</param>
/// <param name="Covered">Per group of <see cref="CheckpointFormat.SeriesPerGroup"/> series: what the log says before this place is in it.</param>
internal sealed record RestoredHead(HeadPart Head, int LoggedSeries, LogPosition[] Covered);
