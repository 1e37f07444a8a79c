using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Exposition;

/// <summary>Reads history from OpenMetrics text, as <c>promtool tsdb create-blocks-from openmetrics</c> does.</summary>
public static class OpenMetricsFile
{
    /// <summary>Hands out the samples of a text in batches.</summary>
    /// <param name="text">Whole, with <c># EOF</c> at its end; every sample has a time.</param>
    /// <param name="mostSamples">Samples of a batch, at least 1.</param>
    /// <returns>The same batch again and again; it is emptied before the next.</returns>
    /// <exception cref="ExpositionFormatException">The text is malformed, or a sample has no time; raised while walking.</exception>
    /// <remarks>Exemplars and descriptions are passed over: blocks have no place for them.</remarks>
    public static IEnumerable<SampleBatch> Read(ReadOnlyMemory<byte> text, int mostSamples)
    {
        var reader = new OpenMetricsReader();
        reader.Reset(text);
        var batch = new SampleBatch();
        var labels = new LabelSetBuilder();
        var series = new Dictionary<string, int>(StringComparer.Ordinal);
        while (true)
        {
            var entry = reader.Read();
            if (entry == ExpositionEntry.Sample)
            {
                Take(reader, batch, labels, series);
            }

            if ((entry == ExpositionEntry.End && batch.SampleCount > 0) || batch.SampleCount >= mostSamples)
            {
                yield return batch;
                batch.Clear();
                series.Clear();
            }

            if (entry == ExpositionEntry.End)
            {
                yield break;
            }
        }
    }

    private static void Take(OpenMetricsReader reader, SampleBatch batch, LabelSetBuilder labels, Dictionary<string, int> series)
    {
        // The same series is often written line after line; its text tells it faster than its labels.
        var written = System.Text.Encoding.UTF8.GetString(reader.Series);
        if (!reader.HasTimestamp)
        {
            throw new ExpositionFormatException($"expected a timestamp for {written}, got none; history needs times");
        }

        if (!series.TryGetValue(written, out var index))
        {
            reader.ReadLabels(labels.Clear());
            series[written] = index = batch.AddSeries(labels.Build());
        }

        batch.AddSample(index, new TimestampMs(reader.TimestampMs), reader.Value, new TimestampMs(reader.StartTimestampMs));
    }
}
