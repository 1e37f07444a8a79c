using System.Globalization;
using System.IO.Compression;
using System.Text;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

/// <summary>The output of <c>promtool tsdb dump</c>, and ours in the same form, comparable as sets of lines.</summary>
internal static class PrometheusDump
{
    public static List<string> ReadGzip(string path)
    {
        using var file = File.OpenRead(path);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped, Encoding.UTF8);
        return Read(reader.ReadToEnd());
    }

    public static List<string> Read(string dump) =>
        [.. dump.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(Normalised).Order(StringComparer.Ordinal)];

    public static List<string> Of(MetricStore store)
    {
        var lines = new List<string>();
        using var selection = store.Select(new SeriesQuery(TimeRange.All, []), TestContext.Current.CancellationToken);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, TestContext.Current.CancellationToken);
            var labels = Text(selection.Labels(i).AsPairs());
            for (var j = 0; j < samples.Count; j++)
            {
                if (samples.Histograms.IsEmpty || samples.Histograms[j] is null)
                {
                    lines.Add($"{labels} {Text(samples.Values[j])} {samples.TimestampsMs[j]}");
                }
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string Text(IEnumerable<KeyValuePair<string, string>> labels) => string.Join('\u0001', labels.Select(l => l.Key + "\u0002" + l.Value));

    private static string Text(double value) => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Normalised(string line)
    {
        var at = 1;
        var labels = new List<KeyValuePair<string, string>>();
        while (line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            var name = line[at..equals];
            at = equals + 2;
            labels.Add(new(name, ReadQuoted(line, ref at)));
            at += line[at] == ',' ? 2 : 0;
        }

        var rest = line[(at + 2)..].Split(' ');
        var value = rest[0] switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var number => double.Parse(number, CultureInfo.InvariantCulture),
        };
        return $"{Text(labels)} {Text(value)} {rest[1]}";
    }

    // As Go's %q writes it.
    private static string ReadQuoted(string line, ref int at)
    {
        var bytes = new List<byte>();
        while (line[at] != '"')
        {
            if (line[at] != '\\')
            {
                var length = char.IsHighSurrogate(line[at]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(line.Substring(at, length)));
                at += length;
                continue;
            }

            var escape = line[at + 1];
            at += 2;
            switch (escape)
            {
                case 'x':
                    bytes.Add(Convert.ToByte(line.Substring(at, 2), 16));
                    at += 2;
                    break;
                case 'u' or 'U':
                    var digits = escape == 'u' ? 4 : 8;
                    bytes.AddRange(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(Convert.ToInt32(line.Substring(at, digits), 16))));
                    at += digits;
                    break;
                default:
                    bytes.Add((byte)(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'a' => '\a', 'b' => '\b', 'f' => '\f', 'v' => '\v', _ => escape }));
                    break;
            }
        }

        at++;
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
