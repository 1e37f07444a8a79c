using System.Reflection;
using System.Xml.Linq;

namespace Flyball.House;

/// <summary>The public surface of every room is on record: a change of it is seen in review.</summary>
/// <remarks>Rewrite the record with <c>FLYBALL_REWRITE_GOLDENS=1</c>; under <c>CI=true</c> that is refused.</remarks>
public sealed class SurfaceTests
{
    public static TheoryData<string> Rooms() => [.. Repository.Rooms()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void The_public_surface_is_the_recorded_one(string room)
    {
        var path = Repository.PathOf($"tests/api/{room}.txt");
        var actual = SurfaceText.Of(Assembly.Load(AssemblyOf(room)));
        if (Environment.GetEnvironmentVariable("FLYBALL_REWRITE_GOLDENS") == "1")
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") != "true", "records are rewritten by people, not by continuous integration");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"there is no {path}; write it with FLYBALL_REWRITE_GOLDENS=1 dotnet run --project tests/Flyball.House.Tests");
        var recorded = File.ReadAllText(path);
        var gone = recorded.Split('\n').Except(actual.Split('\n'));
        var added = actual.Split('\n').Except(recorded.Split('\n'));
        Assert.True(
            recorded == actual,
            $"the public surface of {room} changed; if it was meant, FLYBALL_REWRITE_GOLDENS=1 dotnet run --project tests/Flyball.House.Tests\n"
            + string.Join('\n', gone.Select(l => "- " + l).Concat(added.Select(l => "+ " + l))));
    }

    [Fact]
    public void Every_record_belongs_to_a_room() =>
        Assert.Empty(Directory.EnumerateFiles(Repository.PathOf("tests/api")).Select(f => Path.GetFileNameWithoutExtension(f)!).Except(Repository.Rooms()));

    private static string AssemblyOf(string room) =>
        XDocument.Parse(Repository.Read($"src/{room}/{room}.csproj")).Descendants("AssemblyName").FirstOrDefault()?.Value ?? room;
}
