using Flyball.Model.Runs;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>How attempts ended, without the times: millions are looked through for it.</summary>
internal static class RowResults
{
    /// <summary>How an attempt ended; null while it goes on.</summary>
    public static RunResult? ResultOf(this RunRow row, int task) => row.Page is null
        ? row.Task(task).Course.Result
        : row.CodeOf(RunColumn.TaskResult, task) is var code and > 0 ? (RunResult)(code - 1) : null;
}
