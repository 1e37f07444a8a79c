namespace Flyball.Pipelines.History;

/// <summary>Layout of a page of the history; byte by byte in docs/formats/run-page.md.</summary>
/// <remarks>
/// <code>
/// page    = header | table | section*                      each section begins at a multiple of 8; integers little-endian
/// header  = "FBRP" | u16 version | u16 sections | u32 runs | u32 tasks | u64 first begin | u64 last begin | u64 last end
///         | u32 CRC-32C of table | u32 CRC-32C of the header before this field                                     48 bytes
/// table   = { u16 section | u8 width | u8 0 | u32 CRC-32C of section | u64 offset | u64 length | u64 base | u64 unit }*
/// numbers = count × width bytes; width 0: all are base; else 0 is "none", n is base + (n − 1) × unit
/// </code>
/// Sections: 0 to 31 and 32 to 63 the text columns of <see cref="RunColumn"/>, as numbers of strings; the rest below.
/// </remarks>
internal static class RunPageFormat
{
    public const uint Magic = 0x5052_4246; // "FBRP"
    public const ushort Version = 2;
    public const int HeaderSize = 48;
    public const int EntrySize = 40;

    public const int SupersededSize = 12;

    /// <summary>Runs whose whole text is compressed together: enough to share their words, few enough to read one quickly.</summary>
    public const int RunsPerGroup = 32;
}

/// <summary>Sections that are no text columns.</summary>
internal enum RunPageSection
{
    // Of runs.
    RunAttempt = 64,
    RunState = 65,
    RunResult = 66,
    RunCreated = 67,
    RunStarted = 68,
    RunFinished = 69,
    RunEndKnown = 70,
    RunBegin = 71,

    /// <summary>Number of the first task attempt of each run, and their total at the end.</summary>
    FirstTask = 72,

    /// <summary>16 bytes each, most significant first.</summary>
    TraceIds = 73,

    /// <summary>First 8 bytes of the id derived from each run's key: runs may bear another trace id than the derived one.</summary>
    KeyHashes = 74,

    // Of task attempts.
    TaskAttempt = 96,
    TaskSoftFail = 97,
    TaskResult = 98,
    TaskCreated = 99,
    TaskStarted = 100,
    TaskFinished = 101,
    TaskEndKnown = 102,

    /// <summary>Where each string begins in <see cref="StringBytes"/>, and where the last ends. String 0 is "".</summary>
    StringOffsets = 128,
    StringBytes = 129,

    /// <summary>Where each group of whole runs begins in <see cref="GroupBytes"/>, and where the last ends.</summary>
    GroupOffsets = 130,

    /// <summary>Bytes of each group when unpacked.</summary>
    GroupLengths = 131,

    /// <summary>Brotli of runs one after the other, each as <see cref="RunSnapshotFields"/> says; in pages of version 1 as JSON.</summary>
    GroupBytes = 132,

    /// <summary>Where each run begins in its unpacked group.</summary>
    RunOffsets = 133,

    /// <summary>Where earlier copies of runs of this page lie: i64 number of their page | i32 row.</summary>
    Superseded = 134,
}
