using Flyball.Durable.Files;
using Flyball.Testing.Files;

namespace Flyball.Durable.Tests.Files;

/// <summary>The real disk and the one in memory keep the same contract.</summary>
public sealed class FileSystemTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_are_written_read_mapped_renamed_listed_and_deleted(bool real)
    {
        var (files, root) = Disk(real);
        files.CreateDirectory(root + "/a/b");
        using (var file = files.Open(root + "/a/b/x", OpenMode.ReadWrite))
        {
            file.Write(0, "hello"u8);
            file.Write(file.Length, " world"u8);
            file.Sync();
            file.SetLength(8);
            var read = new byte[20];
            Assert.Equal(6, file.Read(2, read));
            Assert.Equal("llo wo"u8.ToArray(), read[..6]);
        }

        files.Open(root + "/a/y", OpenMode.Truncate).Dispose();
        files.Rename(root + "/a/b/x", root + "/a/y");
        Assert.False(files.FileExists(root + "/a/b/x"));
        Assert.Equal([new FileEntry("b", true, 0), new FileEntry("y", false, 8)], files.List(root + "/a"));
        using (var map = files.Map(root + "/a/y"))
        {
            files.Delete(root + "/a/y");
            Assert.Equal("hello wo"u8, map.Slice(0, 8));
            Assert.Throws<ArgumentOutOfRangeException>(() => map.Slice(1, 8).Length);
        }

        files.SyncDirectory(root + "/a");
        files.DeleteDirectory(root + "/a");
        Assert.False(files.DirectoryExists(root + "/a"));
        files.Delete(root + "/a/nothing");
        Assert.Throws<FileNotFoundException>(() => files.Map(root + "/nothing"));
        Assert.True(files.FreeBytes(root) > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lock_is_held_by_one_and_given_back(bool real)
    {
        var (files, root) = Disk(real);
        using (files.Lock(root + "/lock"))
        {
            Assert.Throws<IOException>(() => files.Lock(root + "/lock"));
        }

        files.Lock(root + "/lock").Dispose();
    }

    [Fact]
    public void A_published_file_is_the_old_or_the_new_one_whatever_operation_crashes()
    {
        for (var n = 1; ; n++)
        {
            var disk = new FaultyFileSystem();
            AtomicPublish.CreateDirectory(disk, "/d");
            AtomicPublish.WriteFile(disk, "/d/f", "old"u8);
            disk.CrashAtOperation(n);
            var survived = true;
            try
            {
                AtomicPublish.WriteFile(disk, "/d/f", "newer"u8);
            }
            catch (SimulatedCrashException)
            {
                survived = false;
            }

            disk.Restart(powerLost: true);
            AtomicPublish.DeleteLeftovers(disk, "/d");
            var now = disk.ReadAll("/d/f");
            Assert.True(now.AsSpan().SequenceEqual("old"u8) || now.AsSpan().SequenceEqual("newer"u8));
            if (survived)
            {
                Assert.Equal("newer"u8.ToArray(), now);
                return;
            }
        }
    }

    [Fact]
    public void The_disk_in_memory_fills_up_and_forgets_what_was_not_synced()
    {
        var disk = new FaultyFileSystem { Capacity = 10 };
        using var file = disk.Open("/x", OpenMode.ReadWrite);
        file.Write(0, "12345678"u8);
        Assert.Throws<IOException>(() => file.Write(8, "9abc"u8));
        Assert.Equal(10, file.Length);
        disk.SyncDirectory("/");
        file.SetLength(3);
        file.Sync();
        file.Write(3, "zz"u8);
        disk.Restart(powerLost: true);
        Assert.Equal("123"u8.ToArray(), disk.ReadAll("/x"));
    }

    private (IFileSystem Files, string Root) Disk(bool real) =>
        real ? (PhysicalFileSystem.Instance, _folder) : (new FaultyFileSystem(), "");
}
