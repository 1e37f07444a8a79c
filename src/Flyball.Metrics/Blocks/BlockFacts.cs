using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Blocks;

/// <summary>What a block says about itself.</summary>
/// <remarks>
/// <code>
/// start, until varint; oldest, newest varint; series, samples, pages uvarint; level u8;
/// heads uvarint, each: number uvarint
/// </code>
/// </remarks>
internal sealed record BlockFacts
{
    /// <summary>The stretch of time it stands for: first time inside and first time behind it.</summary>
    public required long StartMs { get; init; }

    public required long UntilMs { get; init; }

    /// <summary>Oldest and newest sample.</summary>
    public required long OldestMs { get; init; }

    public required long NewestMs { get; init; }

    public required int SeriesCount { get; init; }

    public required long SampleCount { get; init; }

    public required long PageCount { get; init; }

    /// <summary>1 = sealed from a head; merged blocks are one above the highest they were merged from.</summary>
    public required int Level { get; init; }

    /// <summary>Numbers of the heads it holds: the log says nothing about them any more.</summary>
    public required IReadOnlyList<long> Heads { get; init; }

    public void Write(ByteWriter to)
    {
        to.WriteVarint(StartMs);
        to.WriteVarint(UntilMs);
        to.WriteVarint(OldestMs);
        to.WriteVarint(NewestMs);
        to.WriteUvarint((ulong)SeriesCount);
        to.WriteUvarint((ulong)SampleCount);
        to.WriteUvarint((ulong)PageCount);
        to.WriteByte((byte)Level);
        to.WriteUvarint((ulong)Heads.Count);
        foreach (var head in Heads)
        {
            to.WriteUvarint((ulong)head);
        }
    }

    public static BlockFacts Read(ReadOnlySpan<byte> bytes)
    {
        var from = new ByteReader(bytes);
        var facts = new BlockFacts
        {
            StartMs = from.ReadVarint(),
            UntilMs = from.ReadVarint(),
            OldestMs = from.ReadVarint(),
            NewestMs = from.ReadVarint(),
            SeriesCount = from.ReadCount(),
            SampleCount = (long)from.ReadUvarint(),
            PageCount = (long)from.ReadUvarint(),
            Level = from.ReadByte(),
            Heads = new long[Math.Min(from.ReadCount(), from.Remaining)],
        };
        var heads = (long[])facts.Heads;
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = (long)from.ReadUvarint();
        }

        return facts;
    }
}
