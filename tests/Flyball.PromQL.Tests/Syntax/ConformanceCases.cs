using System.Text;
using System.Text.Json;
using Flyball.Testing;

namespace Flyball.PromQL.Tests.Syntax;

/// <summary>Cases of shared/conformance/promql-parse.</summary>
internal static class ConformanceCases
{
    public static JsonElement Load(string file, string test = "")
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/promql-parse/" + file, test)));
        return document.RootElement.GetProperty("cases").Clone();
    }

    /// <summary>Inputs are strings, raw bytes, or small expressions in the language of the table they come from.</summary>
    public static byte[] InputOf(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return Encoding.UTF8.GetBytes(input.GetString()!);
        }

        return input.TryGetProperty("__bytes__", out var hex) ? Convert.FromHexString(hex.GetString()!) : Encoding.UTF8.GetBytes(Compute(input));
    }

    private static string Compute(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return input.GetString()!;
        }

        if (input.TryGetProperty("__op__", out _))
        {
            return Compute(input.GetProperty("l")) + Compute(input.GetProperty("r"));
        }

        var arguments = input.GetProperty("args");
        return input.GetProperty("__call__").GetString() switch
        {
            "strings.Repeat" => string.Concat(Enumerable.Repeat(arguments[0].GetString(), arguments[1].GetInt32())),
            // The only use: just outside of what 64 bits hold, to either side.
            "fmt.Sprintf" => arguments[0].GetString()!.Replace(
                "%f", arguments[1].GetProperty("__op__").GetString() == "+" ? "9223372036854775808" : "-9223372036854775808"),
            var other => throw new InvalidOperationException("unknown call in the table: " + other),
        };
    }
}
