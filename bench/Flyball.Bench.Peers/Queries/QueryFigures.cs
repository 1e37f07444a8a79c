namespace Flyball.Bench.Peers.Queries;

/// <summary>What one question cost one program.</summary>
/// <param name="ColdMs">The first time a fresh process is asked, nothing in the page cache.</param>
/// <param name="WarmMs">Median, asked again and again.</param>
/// <param name="CpuMs">Processor time of one warm run.</param>
/// <param name="Problem">Why there are no figures, or null.</param>
internal sealed record QueryFigures(double ColdMs, double WarmMs, double CpuMs, Answer? Answer, string? Problem);
