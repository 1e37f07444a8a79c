using System.Text;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Testing;
using Flyball.Testing.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Durable.Tests.Log;

public sealed class WriteAheadLogTests
{
    private static readonly WriteAheadLogOptions Always = new() { Directory = "/wal", Sync = WalSync.Always };
    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_come_back_in_order_over_many_segments()
    {
        var options = Always with { SegmentBytes = 100 };
        var written = new List<string>();
        await using (var log = Open(options))
        {
            for (var i = 0; i < 50; i++)
            {
                written.Add(new string((char)('a' + (i % 26)), i));
                log.Append((byte)i, Encoding.UTF8.GetBytes(written[i]));
            }
        }

        Assert.True(_disk.List("/wal").Count > 5);
        Assert.Equal(written, Read(options, out var report));
        Assert.Empty(report.Damages);
        Assert.Equal(0, report.TornBytes);
    }

    [Fact]
    public async Task A_log_torn_at_any_byte_of_its_last_record_keeps_the_others()
    {
        await using (var log = Open(Always))
        {
            log.Append(1, "first"u8);
            log.Append(2, "second"u8);
            log.Append(3, "the last record"u8);
        }

        var whole = _disk.ReadAll("/wal/0000000001.wal");
        var lastBegins = whole.Length - "the last record".Length - LogFormat.RecordHeaderSize;
        for (var length = lastBegins; length <= whole.Length; length++)
        {
            var disk = _disk.Copy();
            disk.Open("/wal/0000000001.wal", OpenMode.ReadWrite).SetLength(length);
            var expected = length == whole.Length ? new[] { "first", "second", "the last record" } : ["first", "second"];
            Assert.Equal(expected, Read(Always, out var report, disk));
            Assert.Empty(report.Damages);
            Assert.Equal(length == whole.Length ? 0 : length - lastBegins, report.TornBytes);
            Assert.Equal(expected, Read(Always, out report, disk));
            Assert.Equal(0, report.TornBytes);
        }
    }

    [Fact]
    public async Task A_flipped_bit_loses_only_its_record_and_is_named()
    {
        await using (var log = Open(Always))
        {
            log.Append(1, "first"u8);
            log.Append(2, "second"u8);
            log.Append(3, "third"u8);
        }

        var second = LogFormat.FileHeaderSize + LogFormat.RecordHeaderSize + "first".Length;
        for (var at = second; at < second + LogFormat.RecordHeaderSize + "second".Length; at++)
        {
            var disk = _disk.Copy();
            disk.Corrupt("/wal/0000000001.wal", at, 0x10);
            Assert.Equal(["first", "third"], Read(Always, out var report, disk));
            var damage = Assert.Single(report.Damages);
            Assert.Equal(("/wal/0000000001.wal", (long)second), (damage.Path, damage.Offset));
        }
    }

    [Fact]
    public async Task A_log_of_a_later_version_is_left_alone()
    {
        await using (var log = Open(Always))
        {
            log.Append(1, "first"u8);
        }

        _disk.Corrupt("/wal/0000000001.wal", 4, 0xff);
        var before = _disk.ReadAll("/wal/0000000001.wal");
        Assert.Throws<UnknownVersionException>(() => Read(Always, out _));
        Assert.Equal(before, _disk.ReadAll("/wal/0000000001.wal"));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_power_cut_at_every_operation()
    {
        for (var n = 1; ; n++)
        {
            var disk = new FaultyFileSystem();
            disk.CrashAtOperation(n);
            var acknowledged = new List<string>();
            var finished = await WriteUntilCrashAsync(disk, acknowledged);
            disk.Restart(powerLost: true);
            var back = Read(Always with { SegmentBytes = 120 }, out var report, disk);
            Assert.Empty(report.Damages);
            Assert.Equal(acknowledged, back.Take(acknowledged.Count));
            if (finished)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_and_takes_them_again_when_space_returns()
    {
        await using (var log = Open(Always))
        {
            log.Append(1, "before"u8);
            _disk.Capacity = 60;
            for (var i = 0; i < 3; i++)
            {
                Assert.Throws<IOException>(() => log.Append(2, "does not fit, whatever is tried"u8));
                Assert.True(log.IsFailing);
            }

            _disk.Capacity = long.MaxValue;
            log.Append(3, "after"u8);
            Assert.False(log.IsFailing);
        }

        Assert.Equal(["before", "after"], Read(Always, out var report));
        Assert.Empty(report.Damages);
    }

    [Fact]
    public async Task A_read_only_disk_refuses_writes_until_it_is_mended()
    {
        _disk.CreateDirectory("/wal");
        _disk.ReadOnly = true;
        await using var log = Open(Always);
        Assert.Throws<IOException>(() => log.Append(1, "x"u8));
        _disk.ReadOnly = false;
        await log.AppendAsync(1, "x"u8.ToArray(), Token);
    }

    [Fact]
    public async Task Waiters_of_a_failed_sync_are_told_and_the_next_write_begins_a_new_segment()
    {
        await using var log = Open(Always);
        await log.AppendAsync(1, "safe"u8.ToArray(), Token);
        var first = log.Append(2, "unsure"u8);
        var second = log.Append(2, "unsure too"u8);
        _disk.FailAtOperation(1);
        await Assert.ThrowsAsync<IOException>(async () => await log.DurableAsync(first, Token));
        await log.AppendAsync(3, "safe again"u8.ToArray(), Token);
        await Assert.ThrowsAsync<IOException>(async () => await log.DurableAsync(second, Token));
        Assert.Equal(2, log.CurrentSegment);
    }

    [Fact]
    public async Task Concurrent_writers_share_syncs()
    {
        await using var log = Open(Always);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            await log.AppendAsync(1, BitConverter.GetBytes(i), Token);
        })));
        Assert.InRange(log.Syncs, 1, 200);
        await log.DisposeAsync();
        Assert.Equal(200, Read(Always, out _).Count);
    }

    [Fact]
    public async Task The_interval_policy_syncs_by_the_clock()
    {
        var options = Always with { Sync = WalSync.Interval, SyncInterval = TimeSpan.FromSeconds(2) };
        await using var log = Open(options);
        await log.AppendAsync(1, "x"u8.ToArray(), Token);
        Assert.Equal(0, log.Syncs);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await log.SyncAsync(Token);
        Assert.True(log.Syncs >= 1);
    }

    [Fact]
    public async Task A_checkpoint_drops_what_lies_before_the_cut()
    {
        await using (var log = Open(Always))
        {
            log.Append(1, "old"u8);
            var cut = log.Cut();
            log.Append(1, "what old still means"u8);
            log.DeleteBefore(cut);
        }

        Assert.Equal(["what old still means"], Read(Always, out _));
    }

    private WriteAheadLog Open(WriteAheadLogOptions options, IFileSystem? disk = null) =>
        WriteAheadLog.Open(options, disk ?? _disk, _clock, NullLogger.Instance);

    private List<string> Read(WriteAheadLogOptions options, out ReplayReport report, IFileSystem? disk = null)
    {
        var records = new List<string>();
        report = Open(options, disk).Replay(r => records.Add(Encoding.UTF8.GetString(r.Payload)), Token);
        return records;
    }

    private async Task<bool> WriteUntilCrashAsync(FaultyFileSystem disk, List<string> acknowledged)
    {
        try
        {
            var log = Open(Always with { SegmentBytes = 120 }, disk);
            for (var i = 0; i < 12; i++)
            {
                var text = $"record number {i} of this log";
                await log.AppendAsync(1, Encoding.UTF8.GetBytes(text), Token);
                acknowledged.Add(text);
            }

            await log.DisposeAsync();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
