using Flyball.Durable.Files;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Child;

/// <summary>Writes, seals, merges and deletes without end, and says what was acknowledged; whoever started it kills it.</summary>
/// <remarks>
/// Batch n holds the value n at <see cref="TimeOf"/> n for every series. Lines: <c>ack n</c> after batch n was acknowledged,
/// <c>deleting n</c> and <c>deleted n</c> around the deletion of the series <see cref="Doomed"/> up to n.
/// </remarks>
public static class WriteLoad
{
    /// <summary>Number of series that stay.</summary>
    public const int Kept = 4;

    private const long StepMs = 2000;
    private const int BatchesPerDeletion = 60;

    /// <summary>A series that is deleted again and again.</summary>
    public static readonly LabelSet Doomed = LabelSet.Of(("__name__", "doomed"));

    /// <summary>Minutes instead of hours, so that a second of writing seals and merges many times.</summary>
    public static MetricStoreOptions OptionsOf(string folder) => new()
    {
        Directory = folder,
        BlockSpan = TimeSpan.FromMinutes(1),
        SealDelay = TimeSpan.Zero,
        LargestBlockSpan = TimeSpan.FromMinutes(27),
        RetentionTime = TimeSpan.Zero,
        CheckpointBytes = 2000,
        FutureBound = TimeSpan.FromDays(36_500),
    };

    /// <summary>When batch n happened.</summary>
    public static long TimeOf(long n) => 1_767_600_000_000 + (n * StepMs);

    /// <summary>One of the series that stay.</summary>
    public static LabelSet Series(int number) => LabelSet.Of(("__name__", "kept"), ("number", number.ToString()));

    internal static async Task<int> RunAsync(string folder, long first)
    {
        await using var store = await MetricStore.OpenAsync(
            OptionsOf(folder), PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var batch = new SampleBatch();
        for (var n = first; ; n++)
        {
            Fill(batch, n);
            await store.AppendAsync(batch, AppendMode.AllOrNothing, CancellationToken.None);
            Say("ack", n);
            if (n % BatchesPerDeletion == 0)
            {
                Say("deleting", n);
                await store.DeleteAsync(
                    [[new Matcher(MatchOp.Equal, "__name__", "doomed")]], new TimeRange(TimestampMs.Min, new TimestampMs(TimeOf(n))), CancellationToken.None);
                Say("deleted", n);
            }
        }
    }

    private static void Fill(SampleBatch batch, long n)
    {
        batch.Clear();
        for (var i = 0; i < Kept; i++)
        {
            batch.AddSample(batch.AddSeries(Series(i)), new TimestampMs(TimeOf(n)), n);
        }

        batch.AddSample(batch.AddSeries(Doomed), new TimestampMs(TimeOf(n)), n);
    }

    private static void Say(string what, long n)
    {
        Console.Out.Write($"{what} {n}\n");
        Console.Out.Flush();
    }
}
