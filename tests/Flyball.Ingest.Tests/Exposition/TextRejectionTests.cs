using System.Text.Json;
using Flyball.Ingest.Exposition;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Exposition;

public sealed class TextRejectionTests
{
    [Fact]
    public void Bodies_are_rejected_with_exactly_the_words_of_Prometheus()
    {
        var differences = new List<string>();
        foreach (var (format, body, expected) in Cases())
        {
            ExpositionReader reader = format.StartsWith("text", StringComparison.Ordinal) ? new PrometheusTextReader() : new OpenMetricsReader();
            var actual = ErrorOf(reader, body);
            // "EOF" alone is how upstream says that the body ended as it should.
            if ((actual ?? "null") != (expected is null or "EOF" ? "null" : expected))
            {
                differences.Add($"{format} {GoText.Quote(body)}\n  expected: {expected}\n  actual:   {actual}");
            }
        }

        Assert.Empty(differences);
    }

    private static string? ErrorOf(ExpositionReader reader, byte[] body)
    {
        try
        {
            ExpositionBodies.ReadAll(reader, body);
            return null;
        }
        catch (ExpositionFormatException e)
        {
            return e.Message;
        }
    }

    private static List<(string Format, byte[] Body, string? Error)> Cases()
    {
        using var table = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/exposition/textparse/errors.json")));
        return
        [
            .. table.RootElement.GetProperty("cases").EnumerateArray().Select(c =>
                (c.GetProperty("format").GetString()!, ExpositionBodies.Bytes(c.GetProperty("input")), c.GetProperty("error").GetString())),
        ];
    }
}
