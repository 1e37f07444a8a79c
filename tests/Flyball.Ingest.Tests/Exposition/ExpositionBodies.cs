using System.Text;
using System.Text.Json;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;

namespace Flyball.Ingest.Tests.Exposition;

/// <summary>Reads whole bodies in tests, and bodies out of tables.</summary>
internal static class ExpositionBodies
{
    /// <summary>Reads everything, labels included, and renders it one entry per line.</summary>
    public static List<string> ReadAll(ExpositionReader reader, ReadOnlyMemory<byte> body)
    {
        var lines = new List<string>();
        var labels = new LabelSetBuilder();
        reader.Reset(body);
        while (true)
        {
            var entry = reader.Read();
            if (entry == ExpositionEntry.End)
            {
                return lines;
            }

            lines.Add(entry is ExpositionEntry.Sample or ExpositionEntry.Histogram
                ? Render(reader, labels)
                : $"{entry} {Encoding.UTF8.GetString(reader.Family)} {(entry == ExpositionEntry.Type ? reader.Type : Encoding.UTF8.GetString(reader.Text))}");
        }
    }

    /// <summary>A string, or <c>{"__bytes__": hex}</c> where the input is no valid text.</summary>
    public static byte[] Bytes(JsonElement input) => input.ValueKind == JsonValueKind.String
        ? Encoding.UTF8.GetBytes(input.GetString()!)
        : Convert.FromHexString(input.GetProperty("__bytes__").GetString()!);

    private static string Render(ExpositionReader reader, LabelSetBuilder labels)
    {
        labels.Clear();
        reader.ReadLabels(labels);
        var set = LabelSet.FromEncoded(labels.BuildEncoded(out var duplicate));
        if (duplicate is not null)
        {
            throw new ExpositionFormatException($"label name \"{duplicate}\" is not unique: invalid sample");
        }

        var text = new StringBuilder($"{set} {ExposedFloat.Format(reader.Value)}");
        if (reader.HasTimestamp)
        {
            text.Append($" @{reader.TimestampMs}");
        }

        foreach (var exemplar in reader.Exemplars)
        {
            text.Append($" # {exemplar.Labels} {ExposedFloat.Format(exemplar.Value)} @{exemplar.TimestampMs}");
        }

        return text.ToString();
    }
}
