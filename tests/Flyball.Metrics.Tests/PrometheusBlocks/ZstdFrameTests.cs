using System.Diagnostics;
using Flyball.Metrics.PrometheusBlocks.Zstd;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

public sealed class ZstdFrameTests
{
    private const int Limit = 1 << 24;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(19)]
    public async Task What_zstd_packs_is_unpacked(int level)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zstd"), "zstd is not installed (apt-get install zstd); only the checked-in frames were unpacked");
        foreach (var content in Contents())
        {
            Assert.Equal(content, ZstdFrame.Decode(await PackAsync(content, level), Limit));
        }
    }

    // "zstd -19" of a text with repetitions, and of nothing.
    [Theory]
    [InlineData("28B52FFD240001000099E9D851", "")]
    [InlineData("28B52FFD20050100000000", null)]
    [InlineData("", "")]
    [InlineData("502A4D1802000000AABB28B52FFD240001000099E9D851", "")]
    [InlineData("28B52FFD2003190000616263", "abc")]
    [InlineData("28B52FFD20051B000061", "aaa")]
    [InlineData("00", null)]
    [InlineData("28B52FFD", null)]
    public void Frames_by_hand(string hex, string? content)
    {
        var frame = Convert.FromHexString(hex);
        if (content is not null)
        {
            Assert.Equal(content, System.Text.Encoding.UTF8.GetString(ZstdFrame.Decode(frame, Limit)));
            return;
        }

        try
        {
            Assert.Empty(ZstdFrame.Decode(frame, Limit));
        }
        catch (InvalidDataException)
        {
            // The only exception allowed.
        }
    }

    [Fact]
    public async Task Damage_is_refused_or_unpacked_but_never_breaks_the_decoder()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zstd"), "zstd is not installed (apt-get install zstd); no frames were damaged");
        var random = new Random(5);
        foreach (var content in Contents().Where(c => c.Length is > 0 and < 100_000))
        {
            var good = await PackAsync(content, 3);
            for (var round = 0; round < 300; round++)
            {
                var bad = good.AsSpan(0, random.Next(good.Length + 1)).ToArray();
                for (var hit = random.Next(4); hit > 0 && bad.Length > 0; hit--)
                {
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                }

                try
                {
                    ZstdFrame.Decode(bad, Limit);
                }
                catch (InvalidDataException)
                {
                    // The only exception allowed.
                }
            }
        }
    }

    private static IEnumerable<byte[]> Contents()
    {
        var random = new Random(3);
        yield return [];
        yield return [.. "a log of words, a log of words and of other words of a log"u8];
        yield return new byte[70_000];
        yield return [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * i >> 7))];
        yield return [.. Enumerable.Range(0, 30_000).SelectMany(i => System.Text.Encoding.UTF8.GetBytes($"http_requests_total{{code=\"{random.Next(5) * 100}\",pod=\"p-{random.Next(900)}\"}} {random.Next(100_000)}\n"))];
        var noise = new byte[300_000];
        random.NextBytes(noise);
        yield return noise;
        yield return [.. noise.Select(b => (byte)System.Numerics.BitOperations.PopCount(b))];
    }

    private static async Task<byte[]> PackAsync(byte[] content, int level)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("/usr/bin/zstd") { UseShellExecute = false, RedirectStandardOutput = true };
            Array.ForEach(["-q", "-c", $"-{level}", path], start.ArgumentList.Add);
            using var process = Process.Start(start)!;
            using var packed = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(packed, TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return packed.ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
