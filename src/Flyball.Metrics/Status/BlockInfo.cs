namespace Flyball.Metrics.Status;

/// <summary>A block as reports show it.</summary>
/// <param name="Name">Its file's name.</param>
/// <param name="StartMs">First time of its stretch, UTC milliseconds.</param>
/// <param name="UntilMs">First time behind it.</param>
/// <param name="Level">1 = sealed from memory; merged blocks are higher.</param>
public sealed record BlockInfo(string Name, long StartMs, long UntilMs, int Level, int Series, long Samples, long Pages, long Bytes);
