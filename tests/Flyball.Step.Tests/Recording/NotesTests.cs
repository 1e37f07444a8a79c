using Flyball.Step.Recording;

namespace Flyball.Step.Tests.Recording;

public sealed class NotesTests : FolderTest
{
    private string PathOfNotes => Path.Combine(Folder, "notes");

    [Fact]
    public async Task Many_processes_may_write_at_once()
    {
        var file = new NotesFile(PathOfNotes);

        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, (worker, _) =>
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.True(file.TryAppend("event", "", $"{{\"name\":\"{worker} ä {new string('x', 3000)}\"}}"));
            }

            return ValueTask.CompletedTask;
        });

        var notes = file.Take();
        Assert.Equal((80, 0), (notes!.Events.Count, notes.Dropped));
        Assert.False(File.Exists(PathOfNotes));
    }

    [Fact]
    public void Of_one_attribute_the_last_note_counts_whatever_its_key()
    {
        var file = new NotesFile(PathOfNotes);
        file.TryAppend("attribute", "a key %", "1");
        file.TryAppend("attribute", "a key %", "2");

        Assert.Equal([KeyValuePair.Create("a key %", "2")], file.Take()!.Attributes);
    }

    [Theory]
    [InlineData("event - 9 {\"a\"")]
    [InlineData("event - 2 {}{}")]
    [InlineData("event - x {}")]
    [InlineData("")]
    [InlineData("poem - 2 {}")]
    public void What_broke_off_or_is_no_note_is_counted_and_left_out(string line)
    {
        File.WriteAllText(PathOfNotes, line + "\nevent - 2 {}\n");

        var notes = new NotesFile(PathOfNotes).Take();

        Assert.Equal((1, 1), (notes!.Dropped, notes.Events.Count));
    }

    [Fact]
    public void There_are_as_many_events_as_a_span_may_have()
    {
        var file = new NotesFile(PathOfNotes);
        for (var i = 0; i < 130; i++)
        {
            file.TryAppend("event", "", "{}");
        }

        var notes = file.Take();
        Assert.Equal((128, 2), (notes!.Events.Count, notes.Dropped));
    }

    [Fact]
    public void No_file_is_no_notes() => Assert.Null(new NotesFile(PathOfNotes).Take());
}
