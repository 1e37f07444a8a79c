using System.Globalization;
using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.History;

/// <summary>How a run or an attempt went, as far as series and questions need it.</summary>
internal readonly record struct Course(
    TimestampNs? CreatedAt, TimestampNs? StartedAt, TimestampNs? FinishedAt, TimestampNs? EndKnownAt, RunResult? Result)
{
    /// <summary>Seconds of work; null while it has not ended or never began.</summary>
    public double? Seconds => StartedAt is { } start && FinishedAt is { } end ? Between(start, end) : null;

    /// <summary>Seconds it waited before it began; null if it never did.</summary>
    public double? QueueSeconds => CreatedAt is { } created && StartedAt is { } start ? Between(created, start) : null;

    public bool IsBad => Result is { } result && result.IsBad();

    // Clocks of a source may disagree with each other; a stretch of time is never negative.
    private static double Between(TimestampNs from, TimestampNs until) => until > from ? (until.Value - from.Value) / 1e9 : 0;
}

/// <summary>One task attempt of a row.</summary>
internal readonly record struct TaskCourse(int Attempt, bool SoftFail, Course Course);

/// <summary>A run looked at column by column, whether it is in memory or in a page of the history: what series, filters and
/// questions are made from.</summary>
internal abstract class RunRow
{
    /// <summary>What stands for the run itself where a task is asked for.</summary>
    public const int Whole = -1;

    public abstract TraceId TraceId { get; }

    public abstract int Attempt { get; }

    public abstract RunState State { get; }

    public abstract Course Course { get; }

    /// <summary>What runs are ordered by: when it was triggered, as far as known.</summary>
    public abstract ulong Begin { get; }

    public abstract int TaskCount { get; }

    public abstract TaskCourse Task(int task);

    /// <summary>When an attempt began and ended, in nanoseconds; null if it has not.</summary>
    public virtual (ulong? StartedAt, ulong? FinishedAt) TaskTimes(int task) =>
        Task(task).Course is var course ? (course.StartedAt?.Value, course.FinishedAt?.Value) : default;

    /// <summary>How an attempt ended; null while it goes on.</summary>
    public virtual RunResult? ResultOf(int task) => Task(task).Course.Result;

    /// <summary>A text column; "" if nothing is known.</summary>
    public abstract string Text(RunColumn column, int task = Whole);

    /// <summary>A hash of a text column, the same for equal texts wherever the row is.</summary>
    public virtual ulong TextHash(RunColumn column, int task = Whole) => LabelSet.HashOf(Encoding.UTF8.GetBytes(Text(column, task)));

    /// <summary>The whole run.</summary>
    public abstract PipelineRun Read();

    /// <summary>Any column as a word.</summary>
    public string Value(RunColumn column, int task = Whole) => column switch
    {
        RunColumn.RunAttempt => Attempt.ToString(CultureInfo.InvariantCulture),
        RunColumn.RunResult => RunWords.Of(Course.Result),
        RunColumn.RunState => RunWords.Of(State),
        RunColumn.TraceId => TraceId.ToString(),
        RunColumn.TaskAttempt => Task(task).Attempt.ToString(CultureInfo.InvariantCulture),
        RunColumn.TaskResult => RunWords.Of(Task(task).Course.Result),
        _ => Text(column, task),
    };

    /// <summary>Whether a column is as a matcher wants it.</summary>
    /// <param name="slot">Number of the matcher within its query, from 0.</param>
    public virtual bool Accepts(Matcher matcher, int slot, RunColumn column, int task) => matcher.Matches(Value(column, task));

    /// <summary>A number that is the same for equal values of a column within one page; −1 where there is none.</summary>
    public virtual int CodeOf(RunColumn column, int task) => -1;

    /// <summary>Adds a column as a label that is not in yet; nothing if its value is "".</summary>
    public virtual void AppendTo(LabelSetBuilder labels, ReadOnlySpan<byte> label, RunColumn column, int task) =>
        labels.Append(label, Encoding.UTF8.GetBytes(Value(column, task)));

    /// <summary>Where in its page a cursor stands; 0 for a row in memory, which does not move.</summary>
    public virtual int Place => 0;

    /// <summary>The page the row is in; null if it is in memory.</summary>
    public virtual RunPage? Page => null;
}
