using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Flyball.Durable.Checksums;
using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.History;

/// <summary>Makes a page of runs; layout: <see cref="RunPageFormat"/>.</summary>
internal sealed class RunPageWriter
{
    // Words repeat from run to run, so that the window matters more than the effort: the least costs a third of the fourth.
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 20;

    private readonly List<(int Section, byte Width, ulong Start, ulong Unit, byte[] Bytes)> _sections = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> _strings = [""];
    private ulong[] _column = [];

    /// <summary>The bytes of a page.</summary>
    /// <param name="runs">The runs; any order.</param>
    /// <param name="superseded">Where earlier copies of them lie: page and row.</param>
    public static byte[] Write(IEnumerable<PipelineRun> runs, IReadOnlyList<(long Page, int Row)> superseded) =>
        new RunPageWriter().WriteRuns([.. runs.OrderBy(MemoryRow.BeginOf).ThenBy(r => r.TraceId)], superseded);

    private byte[] WriteRuns(PipelineRun[] runs, IReadOnlyList<(long Page, int Row)> superseded)
    {
        AddRuns(runs);
        AddTasks(runs, [.. runs.SelectMany(r => r.Tasks)]);
        AddWholeRuns(runs);
        AddSuperseded(superseded);
        AddStrings();
        return Assemble(runs);
    }

    private void AddRuns(PipelineRun[] runs)
    {
        foreach (var column in RunColumns.OfRuns)
        {
            AddNumbers((RunPageSection)column, [.. runs.Select(r => NumberOf(MemoryRow.TextOf(r, null, column)))]);
        }

        AddNumbers(RunPageSection.RunAttempt, [.. runs.Select(r => (ulong)r.Key.Attempt)]);
        AddNumbers(RunPageSection.RunState, [.. runs.Select(r => (ulong)r.State + 1)]);
        AddNumbers(RunPageSection.RunResult, [.. runs.Select(r => NumberOf(r.Result))]);
        AddNumbers(RunPageSection.RunCreated, [.. runs.Select(r => NumberOf(r.CreatedAt))]);
        AddNumbers(RunPageSection.RunStarted, [.. runs.Select(r => NumberOf(r.StartedAt))]);
        AddNumbers(RunPageSection.RunFinished, [.. runs.Select(r => NumberOf(r.FinishedAt))]);
        AddNumbers(RunPageSection.RunEndKnown, [.. runs.Select(r => NumberOf(r.EndKnownAt))]);
        AddNumbers(RunPageSection.RunBegin, [.. runs.Select(MemoryRow.BeginOf)]);
        var traces = new byte[runs.Length * 16];
        var keys = new byte[runs.Length * 8];
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i].TraceId.Write(traces.AsSpan(i * 16));
            BinaryPrimitives.WriteUInt64LittleEndian(keys.AsSpan(i * 8), RunPage.HashOf(runs[i].Key));
        }

        AddBytes(RunPageSection.TraceIds, traces);
        AddBytes(RunPageSection.KeyHashes, keys);
    }

    private void AddTasks(PipelineRun[] runs, TaskRun[] tasks)
    {
        var first = new ulong[runs.Length + 1];
        for (var i = 0; i < runs.Length; i++)
        {
            first[i + 1] = first[i] + (ulong)runs[i].Tasks.Count;
        }

        AddNumbers(RunPageSection.FirstTask, first);
        foreach (var column in RunColumns.OfTasks)
        {
            AddNumbers((RunPageSection)column, ColumnOf(tasks, t => NumberOf(MemoryRow.TextOf(t, column))));
        }

        AddNumbers(RunPageSection.TaskAttempt, ColumnOf(tasks, t => (ulong)Math.Max(0, t.Attempt)));
        AddNumbers(RunPageSection.TaskSoftFail, ColumnOf(tasks, t => t.SoftFail ? 1UL : 0));
        AddNumbers(RunPageSection.TaskResult, ColumnOf(tasks, t => NumberOf(t.Result)));
        AddNumbers(RunPageSection.TaskCreated, ColumnOf(tasks, t => NumberOf(t.CreatedAt)));
        AddNumbers(RunPageSection.TaskStarted, ColumnOf(tasks, t => NumberOf(t.StartedAt)));
        AddNumbers(RunPageSection.TaskFinished, ColumnOf(tasks, t => NumberOf(t.FinishedAt)));
        AddNumbers(RunPageSection.TaskEndKnown, ColumnOf(tasks, t => NumberOf(t.EndKnownAt)));
    }

    // The array is one for all columns: a column is packed before the next is made.
    private ulong[] ColumnOf(TaskRun[] tasks, Func<TaskRun, ulong> number)
    {
        if (_column.Length != tasks.Length)
        {
            _column = new ulong[tasks.Length];
        }

        for (var i = 0; i < tasks.Length; i++)
        {
            _column[i] = number(tasks[i]);
        }

        return _column;
    }

    private void AddWholeRuns(PipelineRun[] runs)
    {
        var offsets = new ulong[runs.Length];
        var groups = new List<ulong> { 0 };
        var lengths = new List<ulong>();
        using var packed = new MemoryStream();
        var group = new RunSnapshotWriter();
        for (var from = 0; from < runs.Length; from += RunPageFormat.RunsPerGroup)
        {
            group.Clear();
            for (var i = from; i < Math.Min(runs.Length, from + RunPageFormat.RunsPerGroup); i++)
            {
                offsets[i] = (ulong)group.Written.Length;
                group.Add(runs[i]);
            }

            var raw = group.Written;
            var space = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(raw.Length));
            if (!BrotliEncoder.TryCompress(raw, space, out var written, BrotliQuality, BrotliWindow))
            {
                throw new InvalidOperationException("a group of runs did not fit the greatest length its compressor names");
            }

            packed.Write(space, 0, written);
            ArrayPool<byte>.Shared.Return(space);
            groups.Add((ulong)packed.Length);
            lengths.Add((ulong)raw.Length);
        }

        AddNumbers(RunPageSection.RunOffsets, offsets);
        AddNumbers(RunPageSection.GroupOffsets, [.. groups]);
        AddNumbers(RunPageSection.GroupLengths, [.. lengths]);
        AddBytes(RunPageSection.GroupBytes, packed.ToArray());
    }

    private void AddSuperseded(IReadOnlyList<(long Page, int Row)> superseded)
    {
        var bytes = new byte[superseded.Count * RunPageFormat.SupersededSize];
        for (var i = 0; i < superseded.Count; i++)
        {
            var place = bytes.AsSpan(i * RunPageFormat.SupersededSize);
            BinaryPrimitives.WriteInt64LittleEndian(place, superseded[i].Page);
            BinaryPrimitives.WriteInt32LittleEndian(place[8..], superseded[i].Row);
        }

        AddBytes(RunPageSection.Superseded, bytes);
    }

    private void AddStrings()
    {
        var bytes = new MemoryStream();
        var offsets = new ulong[_strings.Count + 1];
        for (var i = 0; i < _strings.Count; i++)
        {
            bytes.Write(Encoding.UTF8.GetBytes(_strings[i]));
            offsets[i + 1] = (ulong)bytes.Length;
        }

        AddNumbers(RunPageSection.StringOffsets, offsets);
        AddBytes(RunPageSection.StringBytes, bytes.ToArray());
    }

    private byte[] Assemble(PipelineRun[] runs)
    {
        var tableSize = _sections.Count * RunPageFormat.EntrySize;
        var page = new byte[Aligned(RunPageFormat.HeaderSize + tableSize) + _sections.Sum(s => Aligned(s.Bytes.Length))];
        var at = Aligned(RunPageFormat.HeaderSize + tableSize);
        var entry = page.AsSpan(RunPageFormat.HeaderSize, tableSize);
        foreach (var (section, width, start, unit, bytes) in _sections)
        {
            bytes.CopyTo(page, at);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)section);
            entry[2] = width;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Crc32C.Of(bytes));
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], (ulong)bytes.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], unit);
            entry = entry[RunPageFormat.EntrySize..];
            at += Aligned(bytes.Length);
        }

        var header = page.AsSpan(0, RunPageFormat.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, RunPageFormat.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], RunPageFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)_sections.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)runs.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)runs.Sum(r => r.Tasks.Count));
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], runs.Length == 0 ? 0 : MemoryRow.BeginOf(runs[0]));
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], runs.Length == 0 ? 0 : MemoryRow.BeginOf(runs[^1]));
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], runs.Length == 0 ? 0 : runs.Max(MemoryRow.LastEndOf));
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], Crc32C.Of(page.AsSpan(RunPageFormat.HeaderSize, tableSize)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], Crc32C.Of(header[..44]));
        return page;
    }

    private void AddNumbers(RunPageSection section, ulong[] values)
    {
        var (bytes, width, start, unit) = NumberColumn.Pack(values);
        _sections.Add(((int)section, (byte)width, start, unit, bytes));
    }

    private void AddBytes(RunPageSection section, byte[] bytes) => _sections.Add(((int)section, 1, 0, 0, bytes));

    private ulong NumberOf(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers[text] = number = _strings.Count;
            _strings.Add(text);
        }

        return (ulong)number;
    }

    private static ulong NumberOf(TimestampNs? time) => time?.Value ?? 0;

    private static ulong NumberOf(RunResult? result) => result is { } known ? (ulong)known + 1 : 0;

    private static int Aligned(int length) => (length + 7) & ~7;
}
