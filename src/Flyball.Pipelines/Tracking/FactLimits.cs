using Flyball.Model.Runs;

namespace Flyball.Pipelines.Tracking;

/// <summary>How much one run may hold. A sender beyond these limits loses the surplus, never the run.</summary>
internal static class FactLimits
{
    public const int MostTasks = 2000;
    public const int MostSteps = 500;
    public const int MostLinks = 100;
    public const int MostText = 4096;
    public const int MostLogTail = 16 << 10;

    /// <summary>Cuts over-long texts; a fact within bounds comes back as it is.</summary>
    public static RunFact Trim(RunFact fact) => IsWithin(fact) ? fact : Cut(fact);

    private static bool IsWithin(RunFact fact) =>
        IsShort(fact.Pipeline) && IsShort(fact.Number) && IsShort(fact.Url) && IsShort(fact.Actor) && IsShort(fact.Trigger)
        && IsShort(fact.Environment) && IsWithin(fact.Life) && fact.Links is not { Count: > MostLinks } && IsWithin(fact.Attributes)
        && fact.Tasks.Count <= MostTasks && AreWithin(fact.Tasks);

    private static bool AreWithin(IReadOnlyList<TaskFact> facts)
    {
        for (var i = 0; i < facts.Count; i++)
        {
            var fact = facts[i];
            if (!(IsShort(fact.Name) && IsShort(fact.Stage) && IsShort(fact.Worker) && IsShort(fact.Url) && !(fact.LogTail?.Length > MostLogTail)
                && IsWithin(fact.Life) && IsWithin(fact.Attributes) && fact.Steps.Count <= MostSteps))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWithin(LifeFact? fact) => fact is null || (IsShort(fact.ErrorType) && IsShort(fact.Message));

    private static bool IsWithin(IReadOnlyDictionary<string, string>? attributes) =>
        attributes is null || attributes.All(a => a.Value.Length <= MostText);

    private static bool IsShort(string? text) => text is null || text.Length <= MostText;

    private static RunFact Cut(RunFact fact) => fact with
    {
        Pipeline = Cut(fact.Pipeline),
        Number = Cut(fact.Number),
        Url = Cut(fact.Url),
        Actor = Cut(fact.Actor),
        Trigger = Cut(fact.Trigger),
        Environment = Cut(fact.Environment),
        Life = Trim(fact.Life),
        Links = fact.Links is { Count: > MostLinks } links ? [.. links.Take(MostLinks)] : fact.Links,
        Attributes = Trim(fact.Attributes),
        Tasks = fact.Tasks.Count == 0 ? fact.Tasks : [.. fact.Tasks.Take(MostTasks).Select(Trim)],
    };

    private static TaskFact Trim(TaskFact fact) => fact with
    {
        Name = Cut(fact.Name),
        Stage = Cut(fact.Stage),
        Worker = Cut(fact.Worker),
        Url = Cut(fact.Url),
        LogTail = CutFront(fact.LogTail),
        Life = Trim(fact.Life),
        Attributes = Trim(fact.Attributes),
        Steps = fact.Steps.Count <= MostSteps ? fact.Steps : [.. fact.Steps.Take(MostSteps)],
    };

    private static LifeFact? Trim(LifeFact? fact) =>
        fact is null ? null : fact with { ErrorType = Cut(fact.ErrorType), Message = Cut(fact.Message) };

    private static IReadOnlyDictionary<string, string>? Trim(IReadOnlyDictionary<string, string>? attributes) =>
        IsWithin(attributes)
            ? attributes
            : attributes!.ToDictionary(a => a.Key, a => Cut(a.Value)!, StringComparer.Ordinal);

    private static string? Cut(string? text) => text is { Length: > MostText } ? text[..MostText] : text;

    // The end of a log says why it ended.
    private static string? CutFront(string? text) => text is { Length: > MostLogTail } ? text[^MostLogTail..] : text;
}
