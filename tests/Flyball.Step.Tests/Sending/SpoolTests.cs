using System.Text;
using Flyball.Step.Sending;

namespace Flyball.Step.Tests.Sending;

public sealed class SpoolTests : FolderTest
{
    private const string Server = "http://127.0.0.1:9090/v1/traces";

    [Fact]
    public void Comes_back_in_order_of_age()
    {
        var spool = new Spool(Folder, Server);
        foreach (var at in (long[])[300, 100, 200])
        {
            Assert.Null(spool.TryKeep(Encoding.UTF8.GetBytes($"{at}"), at));
        }

        var seen = new List<string>();
        var sent = spool.Resend((document, _) => Taken(seen, document), Enough());

        Assert.Equal(3, sent);
        Assert.Equal(["100", "200", "300"], seen);
        Assert.Empty(Directory.GetFiles(Folder, "*.json"));
    }

    [Fact]
    public void Stops_at_the_first_refusal_and_keeps_the_rest()
    {
        var spool = new Spool(Folder, Server);
        spool.TryKeep("a"u8, 1);
        spool.TryKeep("b"u8, 2);

        var sent = spool.Resend((document, _) => new PostResult(document[0] == 'a' ? 200 : 503, ""), Enough());

        Assert.Equal(1, sent);
        Assert.Single(Directory.GetFiles(Folder, "*.json"));
    }

    [Fact]
    public void Drops_the_oldest_beyond_its_size()
    {
        var spool = new Spool(Folder, Server);
        var document = new byte[1 << 20];
        for (var at = 1; at <= 20; at++)
        {
            spool.TryKeep(document, at);
        }

        var names = Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Spool.MostBytes >> 20, names.Count);
        Assert.StartsWith($"{5:x16}-", names[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_it_to_whoever_holds_the_lock()
    {
        var spool = new Spool(Folder, Server);
        spool.TryKeep("a"u8, 1);
        using var held = new FileStream(Path.Combine(Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        Assert.Equal(0, spool.Resend((_, _) => new PostResult(200, ""), Enough()));
        Assert.Single(Directory.GetFiles(Folder, "*.json"));
    }

    [Fact]
    public void Tidies_up_what_a_killed_step_left()
    {
        var spool = new Spool(Folder, Server);
        var hour = 3_600_000_000_000;
        File.WriteAllText(Path.Combine(Folder, $"{1:x16}-0000-x.tmp"), "half");
        File.WriteAllText(Path.Combine(Folder, $"{hour:x16}-0000-y.tmp"), "half");

        spool.TryKeep("a"u8, hour + 2);

        Assert.Equal($"{hour:x16}-0000-y.tmp", Path.GetFileName(Assert.Single(Directory.GetFiles(Folder, "*.tmp"))));
    }

    private static PostResult Taken(List<string> seen, byte[] document)
    {
        seen.Add(Encoding.UTF8.GetString(document));
        return new PostResult(200, "");
    }

    private static Deadline Enough() => new(TimeSpan.FromMinutes(1));
}
