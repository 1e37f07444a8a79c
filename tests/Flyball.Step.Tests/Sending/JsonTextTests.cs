using System.Text.Json;
using Flyball.Step.Sending;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Step.Tests.Sending;

public sealed class JsonTextTests
{
    [Fact]
    public void Any_text_survives_as_json_reads_it() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            var json = new JsonText().Open().Name(text ?? "").Value(text ?? "").Close().ToUtf8();
            using var document = JsonDocument.Parse(json);
            var expected = new string([.. System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text ?? ""))]);
            var member = document.RootElement.EnumerateObject().Single();
            return member.Name == expected && member.Value.GetString() == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Commas_stand_between_and_nowhere_else()
    {
        var json = new JsonText().Open().Member("a", "x").Member("left out", "").Member("b", 1)
            .Name("c").OpenList().Open().Close().Open().Member("d", -2).Close().CloseList().Name("e").OpenList().CloseList().Close();

        Assert.Equal("""{"a":"x","b":1,"c":[{},{"d":-2}],"e":[]}""", System.Text.Encoding.UTF8.GetString(json.ToUtf8()));
    }
}
