using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Testing;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces.Tests.Segments;

/// <summary>Files written by every version ever must open for ever.</summary>
public class GoldenSegmentTests
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "Flyball.Traces.Tests", "Segments", "golden");

    [Theory]
    [InlineData("v1")]
    public void A_segment_of_version(string version)
    {
        var path = Path.Combine(Folder, version + ".spans");
        if (Environment.GetEnvironmentVariable("FLYBALL_WRITE_GOLDEN") == "1" && Environment.GetEnvironmentVariable("CI") is null)
        {
            Write(path);
        }

        var segment = Segment.Open(PhysicalFileSystem.Instance, path, 1, new StringBlockCache(1 << 20));
        using var view = new StoreView([], [segment]);
        var text = Describe(view, segment);
        var expected = Path.ChangeExtension(path, ".txt");
        if (!File.Exists(expected))
        {
            File.WriteAllText(expected, text);
        }

        Assert.Equal(File.ReadAllText(expected), text);
    }

    private static void Write(string path)
    {
        Directory.CreateDirectory(Folder);
        var pages = new[] { new RandomSpans(1).Batch(30), new RandomSpans(2).Batch(10) };
        SegmentWriter.Write(
            PhysicalFileSystem.Instance, path, [.. pages.Select(p => MergeInput.Of(BatchToPage.Convert(p)))], [7, 8], quality: 5,
            TestContext.Current.CancellationToken);
        File.Delete(Path.ChangeExtension(path, ".txt"));
    }

    private static string Describe(StoreView view, Segment segment)
    {
        var batch = new SpanBatch();
        var writer = new PageToBatch(batch);
        for (var page = 0; page < segment.Footer.Pages.Length; page++)
        {
            var rows = view.LoadPage(segment, page);
            for (var row = 0; row < rows.Count; row++)
            {
                writer.Add(rows, row);
            }
        }

        // One of the random words is very long; spelled out it would be nearly all of the file.
        var text = Spans.Describe(batch)
            .Replace(string.Concat(Enumerable.Repeat("77", 5000)), "<hex of 5000 w>", StringComparison.Ordinal)
            .Replace(new string('w', 5000), "<5000 w>", StringComparison.Ordinal);
        return $"replaces {string.Join(',', segment.Footer.Replaces)}\n" + text;
    }
}
