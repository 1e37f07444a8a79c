using System.Text;
using Flyball.Model.Labels;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Model.Tests.Labels;

public sealed class LabelSetTests
{
    [Fact]
    public void Labels_are_sorted_and_empty_values_left_out()
    {
        var labels = LabelSet.Of(("z", "1"), ("a", "2"), ("m", ""));
        Assert.Equal("{a=\"2\", z=\"1\"}", labels.ToString());
        Assert.Equal(2, labels.Count);
        Assert.Equal("", labels["m"]);
    }

    [Theory]
    [InlineData("up", "job", "x", "up{job=\"x\"}")]
    [InlineData("up", "job", "a\"b\\c\nd", "up{job=\"a\\\"b\\\\c\\nd\"}")]
    [InlineData("my.metric", "job", "x", "{\"my.metric\", job=\"x\"}")]
    [InlineData("up", "weird label", "x", "up{\"weird label\"=\"x\"}")]
    public void Text_form_is_that_of_a_selector(string name, string label, string value, string expected) =>
        Assert.Equal(expected, LabelSet.Of(("__name__", name), (label, value)).ToString());

    [Fact]
    public void Text_form_of_nothing_is_empty_braces()
    {
        Assert.Equal("{}", LabelSet.Empty.ToString());
        Assert.Equal("up", LabelSet.Of(("__name__", "up")).ToString());
    }

    [Fact]
    public void Giving_a_label_twice_is_a_mistake() =>
        Assert.Throws<ArgumentException>(() => LabelSet.Of(("a", "1"), ("a", "2")));

    [Theory]
    [InlineData("a=1", "b=1", -1)]
    [InlineData("a=1", "a=2", -1)]
    [InlineData("a=1", "a=1,b=1", -1)]
    [InlineData("a=1,b=1", "a=1,c=0", -1)]
    [InlineData("aa=1", "b=1", -1)]
    [InlineData("a=9", "a=10", 1)]
    [InlineData("a=1", "a=1", 0)]
    public void Order_compares_names_and_values_bytewise(string a, string b, int expected)
    {
        Assert.Equal(expected, Math.Sign(Parse(a).CompareTo(Parse(b))));
        Assert.Equal(-expected, Math.Sign(Parse(b).CompareTo(Parse(a))));
    }

    [Theory]
    [InlineData("b=2", "a", "1", "{a=\"1\", b=\"2\"}")]
    [InlineData("a=1", "b", "2", "{a=\"1\", b=\"2\"}")]
    [InlineData("a=1,c=3", "b", "2", "{a=\"1\", b=\"2\", c=\"3\"}")]
    [InlineData("a=1,c=3", "a", "22", "{a=\"22\", c=\"3\"}")]
    [InlineData("a=1,c=3", "c", "", "{a=\"1\"}")]
    [InlineData("a=1", "a", "", "{}")]
    [InlineData("a=1", "b", "", "{a=\"1\"}")]
    public void One_label_is_added_changed_or_taken_away(string before, string name, string value, string expected) =>
        Assert.Equal(expected, Parse(before).With(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value)).ToString());

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(70_000)]
    public void A_label_of_any_length_is_added_as_the_builder_adds_it(int length)
    {
        var (name, value) = (new string('m', length), new string('v', length));
        var expected = LabelSet.Of(("a", "1"), (name, value), ("z", "2"));
        Assert.Equal(expected, LabelSet.Of(("a", "1"), ("z", "2")).With(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value)));
    }

    [Fact]
    public void Order_is_that_of_the_texts_one_after_the_other()
    {
        // Lengths around 128 take a second byte in the encoding; shared beginnings are stepped over.
        var random = new Random(3);
        int[] lengths = [1, 2, 127, 128, 129, 300];
        var sets = Enumerable.Range(0, 300).Select(_ => LabelSet.Of([.. Enumerable.Range(0, random.Next(4)).Select(i => (
            $"{(char)('a' + i)}{new string('n', random.Next(2) * 127)}",
            new string('x', lengths[random.Next(lengths.Length)]) + random.Next(3)))])).ToList();
        foreach (var a in sets)
        {
            foreach (var b in sets)
            {
                Assert.Equal(Slowly(a, b), Math.Sign(a.CompareTo(b)));
            }
        }

        static int Slowly(LabelSet a, LabelSet b)
        {
            string[] left = [.. a.AsPairs().SelectMany(p => new[] { p.Key, p.Value })], right = [.. b.AsPairs().SelectMany(p => new[] { p.Key, p.Value })];
            for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
            {
                if (string.CompareOrdinal(left[i], right[i]) is not 0 and var order)
                {
                    return Math.Sign(order);
                }
            }

            return left.Length.CompareTo(right.Length);
        }
    }

    [Fact]
    public void Order_is_that_of_utf8_not_of_utf16()
    {
        // U+FFFD sorts before U+1F600 in UTF-8, after it in UTF-16 code units.
        var low = LabelSet.Of(("a", "\uFFFD"));
        var high = LabelSet.Of(("a", "\U0001F600"));
        Assert.True(low.CompareTo(high) < 0);
    }

    [Fact]
    public void Any_labels_come_back_and_equal_sets_hash_alike() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<Dictionary<NonEmptyString, string>>(),
            drawn =>
            {
                var wanted = drawn
                    .Where(p => IsText(p.Key.Get) && IsText(p.Value))
                    .GroupBy(p => p.Key.Get).ToDictionary(g => g.Key, g => g.First().Value);
                var builder = new LabelSetBuilder();
                foreach (var (name, value) in wanted.Reverse())
                {
                    builder.Set(name, value);
                }

                var labels = builder.Build();
                var back = labels.AsPairs().ToDictionary();
                var again = LabelSet.FromEncoded(labels.Encoded);
                return back.Count == wanted.Count(p => p.Value.Length > 0) && back.All(p => wanted[p.Key] == p.Value)
                    && again.Equals(labels) && again.Hash == labels.Hash;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Values_longer_than_a_length_byte_come_back()
    {
        var value = new string('x', 70_000);
        Assert.Equal(value, LabelSet.Of(("a", value), ("b", "1"))["a"]);
    }

    [Fact]
    public void Hash_is_the_same_in_every_process() =>
        Assert.Equal(LabelSet.HashOf(LabelSet.Of(("a", "1")).Encoded), LabelSet.HashOf([1, (byte)'a', 1, (byte)'1']));

    [Fact]
    public void Builder_changes_and_removes()
    {
        var builder = new LabelSetBuilder().Start(LabelSet.Of(("a", "1"), ("b", "2")));
        builder.Set("a", "3").Remove("b").Set("c", "4").Set("c", "");
        Assert.Equal(LabelSet.Of(("a", "3")), builder.Build());
        Assert.Equal("3", builder.Get("a"));
        Assert.Equal("", builder.Get("b"));
    }

    [Fact]
    public void Builder_names_a_label_that_was_appended_twice()
    {
        var builder = new LabelSetBuilder();
        builder.Append("a"u8, "1"u8);
        builder.Append("b"u8, "1"u8);
        builder.Append("a"u8, "2"u8);
        builder.BuildEncoded(out var duplicate);
        Assert.Equal("a", duplicate);
    }

    private static bool IsText(string? text) => text is not null && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static LabelSet Parse(string text)
    {
        var builder = new LabelSetBuilder();
        foreach (var pair in text.Split(','))
        {
            var parts = pair.Split('=');
            builder.Set(parts[0], parts[1]);
        }

        return builder.Build();
    }
}
