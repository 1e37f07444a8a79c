namespace Flyball.Metrics.Downsampling;

/// <summary>A copy of old samples at a coarse resolution.</summary>
/// <param name="Resolution">Length of what becomes one summary; whole milliseconds, at least one second.</param>
/// <param name="After">How old samples are when they are summarised; raw samples are still there then.</param>
/// <param name="KeepFor">How long summaries are kept, usually far longer than raw samples; zero keeps them for ever.</param>
public sealed record DownsamplingRule(TimeSpan Resolution, TimeSpan After, TimeSpan KeepFor);
