namespace Flyball.PromQL.Evaluation;

/// <summary>The points in time at which an expression is evaluated: first, distance, number.</summary>
internal readonly record struct StepGrid(long StartMs, long StepMs, int Count)
{
    /// <summary>A single point.</summary>
    public static StepGrid Instant(long atMs) => new(atMs, 1, 1);

    public long EndMs => At(Count - 1);

    public long At(int step) => StartMs + (step * StepMs);
}
