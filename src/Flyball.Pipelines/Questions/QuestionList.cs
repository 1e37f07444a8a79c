namespace Flyball.Pipelines.Questions;

/// <summary>Every question there is.</summary>
internal static class QuestionList
{
    public static IReadOnlyList<IQuestion> All { get; } =
    [
        new LongestRuns(), new SlowerThanUsual(), new Bottleneck(), new CriticalPathOfRun(), new ErrorRate(), new BranchComparison(), new QueueTime(),
        new LastGoodFirstBad(), new FlakyTasks(), new StuckRuns(),
    ];

    /// <summary>The question of a name; null if there is none.</summary>
    public static IQuestion? Find(string name) => All.FirstOrDefault(q => q.Name == name);
}
