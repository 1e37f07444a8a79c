using Flyball.Traces.Strings;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Traces.Tests.Strings;

public sealed class TextSortTests
{
    [Fact]
    public void Texts_come_in_byte_order_whatever_they_have_in_common()
    {
        // Few letters, zero among them, and beginnings longer than a step: everything collides somewhere.
        var letter = Gen.Elements<byte>(0, 0, 1, 255);
        var text = Gen.Choose(0, 40).SelectMany(length => letter.ArrayOf(length));
        var texts = Gen.Choose(0, 3).SelectMany(steps => text.ArrayOf(200).Select(all => all.Select(t => (byte[])[.. new byte[steps * 300], .. t]).ToArray()));
        Prop.ForAll(texts.ToArbitrary(), IsSorted).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static bool IsSorted(byte[][] texts)
    {
        var table = new StringTable();
        foreach (var text in texts)
        {
            table.Intern(text);
        }

        var ids = Enumerable.Range(0, table.Count).Reverse().ToArray();
        new TextSort(table).Sort(ids);
        for (var i = 1; i < ids.Length; i++)
        {
            if (table[ids[i - 1]].SequenceCompareTo(table[ids[i]]) >= 0)
            {
                return false;
            }
        }

        return ids[0] == 0;
    }
}
