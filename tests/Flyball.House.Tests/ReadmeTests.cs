namespace Flyball.House;

/// <summary>Every room introduces itself, on one screen.</summary>
public sealed class ReadmeTests
{
    private const int MostLines = 60;

    public static TheoryData<string> Rooms() => [.. Repository.Rooms()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_has_a_readme_of_one_screen(string room)
    {
        var path = $"src/{room}/README.md";
        Assert.True(Repository.Exists(path), $"write {path}: what the room is for, its door, its invariants, where to begin reading");
        Assert.InRange(Repository.Read(path).TrimEnd().Split('\n').Length, 3, MostLines);
    }
}
