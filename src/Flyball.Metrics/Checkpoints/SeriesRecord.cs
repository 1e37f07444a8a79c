using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Flyball.Metrics.Head;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Checkpoints;

/// <summary>One series of a head in a checkpoint: its state and the open end of its samples. Layout: <see cref="CheckpointFormat"/>.</summary>
internal static class SeriesRecord
{
    private const int FixedSize = 40;
    private const byte NoSlot = 255;

    /// <summary>Appends a series; under the store's gate.</summary>
    public static void Write(HeadPart head, int series, ByteWriter to)
    {
        ref var state = ref head.Series.State(series);
        var room = to.Take(FixedSize);
        BinaryPrimitives.WriteInt64LittleEndian(room, state.NewestMs);
        BinaryPrimitives.WriteUInt64LittleEndian(room[8..], state.NewestBits);
        BinaryPrimitives.WriteUInt32LittleEndian(room[16..], state.Labels);
        BinaryPrimitives.WriteInt32LittleEndian(room[20..], state.LabelsLength);
        BinaryPrimitives.WriteUInt32LittleEndian(room[24..], state.LastPage);
        BinaryPrimitives.WriteInt32LittleEndian(room[28..], state.OldestOffset);
        BinaryPrimitives.WriteInt32LittleEndian(room[32..], state.LatestOffset);
        room[36] = state.Slot < 0 ? NoSlot : state.SlotClass;
        room[37] = state.OpenCount;
        room[38] = (byte)state.Flags;
        room[39] = 0;
        if (state.Slot >= 0)
        {
            var slot = head.OpenSlotOf(state);
            to.Write(MemoryMarshal.AsBytes(slot.Values[..state.OpenCount]));
            to.Write(MemoryMarshal.AsBytes(slot.Times[..state.OpenCount]));
            to.Write(MemoryMarshal.AsBytes(slot.Starts[..(slot.HasStarts ? state.OpenCount : 0)]));
        }
    }

    /// <summary>Adds the next series to a head that is built again.</summary>
    /// <exception cref="InvalidDataException">This is no series.</exception>
    public static void Read(ref ByteReader from, HeadPart head)
    {
        var room = from.Read(FixedSize);
        var state = new SeriesState
        {
            NewestMs = BinaryPrimitives.ReadInt64LittleEndian(room),
            NewestBits = BinaryPrimitives.ReadUInt64LittleEndian(room[8..]),
            Labels = BinaryPrimitives.ReadUInt32LittleEndian(room[16..]),
            LabelsLength = BinaryPrimitives.ReadInt32LittleEndian(room[20..]),
            LastPage = BinaryPrimitives.ReadUInt32LittleEndian(room[24..]),
            OldestOffset = BinaryPrimitives.ReadInt32LittleEndian(room[28..]),
            LatestOffset = BinaryPrimitives.ReadInt32LittleEndian(room[32..]),
            Flags = (SeriesFlags)room[38],
            Slot = -1,
        };
        if (room[36] == NoSlot)
        {
            head.Restore(state, hasSlot: false);
            return;
        }

        (state.SlotClass, state.OpenCount) = (room[36], room[37]);
        if (state.SlotClass > SlotArena.LargestClass || state.OpenCount > SlotArena.CapacityOf(state.SlotClass))
        {
            throw new InvalidDataException($"{state.OpenCount} samples do not fit a slot of class {state.SlotClass}");
        }

        var slot = head.Restore(state, hasSlot: true);
        from.Read(state.OpenCount * sizeof(ulong)).CopyTo(MemoryMarshal.AsBytes(slot.Values));
        from.Read(state.OpenCount * sizeof(int)).CopyTo(MemoryMarshal.AsBytes(slot.Times));
        if (slot.HasStarts)
        {
            from.Read(state.OpenCount * sizeof(long)).CopyTo(MemoryMarshal.AsBytes(slot.Starts));
        }
    }
}
