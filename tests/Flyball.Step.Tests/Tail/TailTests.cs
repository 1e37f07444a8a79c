using System.Text;
using Flyball.Step.Tail;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Step.Tests.Tail;

public sealed class TailTests
{
    private static readonly SecretMask NoSecrets = new(new Dictionary<string, string>());

    [Fact]
    public void The_ring_holds_the_last_bytes_however_they_came() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), pieces =>
        {
            var ring = new TailBuffer(7);
            var all = new List<byte>();
            foreach (var piece in pieces.Where(p => p is not null))
            {
                ring.Append(piece);
                all.AddRange(piece);
            }

            return ring.ToArray().SequenceEqual(all.TakeLast(7)) && ring.Total == all.Count;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("plain\n", "plain")]
    [InlineData("a\n\nb\n\n", "a\n\nb")]
    [InlineData("\u001b[31mred\u001b[0m and \u001b]0;title\u0007bold", "red and bold")]
    [InlineData("10 %\r20 %\r100 %\ndone\r\n", "100 %\ndone")]
    [InlineData("bell\a null\0 tab\t", "bell null tab")]
    [InlineData("cut off \u001b[3", "cut off")]
    [InlineData("cut off \u001b]0;ti", "cut off")]
    [InlineData("\u001b", "")]
    [InlineData("", "")]
    public void Text_is_what_a_person_would_have_seen(string written, string shown) => Assert.Equal(shown, Render(written));

    [Fact]
    public void Bytes_that_are_not_utf8_become_replacement_characters()
    {
        var ring = new TailBuffer(64);
        ring.Append([0x61, 0xff, 0xc3, 0x62]);

        Assert.Equal("a\ufffd\ufffdb", TailText.Render(ring, NoSecrets));
    }

    [Fact]
    public void A_long_tail_begins_with_a_whole_line()
    {
        var text = Render(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n")));

        Assert.InRange(text.Length, 1, TailText.MostCharacters);
        Assert.StartsWith("line ", text, StringComparison.Ordinal);
        Assert.EndsWith("line 19999", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_give_text_of_bounded_length() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var ring = new TailBuffer(TailText.RawBytes);
            ring.Append(bytes ?? []);
            return TailText.Render(ring, NoSecrets).Length <= TailText.MostCharacters;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_secret_cut_in_two_at_the_front_is_not_shown_by_half()
    {
        var secret = string.Concat(Enumerable.Range(0, 400).Select(i => $"{i:x3}"));
        var mask = new SecretMask(new Dictionary<string, string> { ["DEPLOY_KEY"] = secret });
        var ring = new TailBuffer(TailText.RawBytes);

        // The ring begins in the middle of the secret.
        ring.Append(Encoding.UTF8.GetBytes(secret));
        ring.Append(Encoding.UTF8.GetBytes(new string('x', TailText.RawBytes - (secret.Length / 2))));

        Assert.DoesNotContain(secret[^20..], TailText.Render(ring, mask), StringComparison.Ordinal);
    }

    private static string Render(string written)
    {
        var ring = new TailBuffer(TailText.RawBytes);
        ring.Append(Encoding.UTF8.GetBytes(written));
        return TailText.Render(ring, NoSecrets);
    }
}
