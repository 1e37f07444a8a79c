using System.Runtime.InteropServices;
using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.History;

/// <summary>A cursor over the runs of a page. Remembers what matchers said about strings, so that each is asked once per page.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PageRow(RunPage page, PageColumns? columns) : RunRow
{
    private readonly Dictionary<int, string> _texts = [];
    private readonly List<sbyte[]?> _verdicts = [];

    /// <summary>Which run; 0 up to <see cref="RunPage.Count"/> exclusive.</summary>
    public int Row { get; set; }

    public override RunPage Page => page;

    public override int Place => Row;

    public override TraceId TraceId => page.TraceIdOf(Row);

    public override int Attempt => (int)Number(RunPageSection.RunAttempt, Row);

    public override RunState State => (RunState)(Number(RunPageSection.RunState, Row) - 1);

    public override Course Course => new(
        Time(RunPageSection.RunCreated, Row), Time(RunPageSection.RunStarted, Row), Time(RunPageSection.RunFinished, Row),
        Time(RunPageSection.RunEndKnown, Row), Result(RunPageSection.RunResult, Row));

    public override ulong Begin => Number(RunPageSection.RunBegin, Row);

    public override int TaskCount
    {
        get
        {
            return (int)(Number(RunPageSection.FirstTask, Row + 1) - Number(RunPageSection.FirstTask, Row));
        }
    }

    public override TaskCourse Task(int task)
    {
        var at = FirstTask + task;
        var course = new Course(
            Time(RunPageSection.TaskCreated, at), Time(RunPageSection.TaskStarted, at), Time(RunPageSection.TaskFinished, at),
            Time(RunPageSection.TaskEndKnown, at), Result(RunPageSection.TaskResult, at));
        return new TaskCourse((int)Number(RunPageSection.TaskAttempt, at), Number(RunPageSection.TaskSoftFail, at) != 0, course);
    }

    public override (ulong? StartedAt, ulong? FinishedAt) TaskTimes(int task)
    {
        var at = FirstTask + task;
        return (Time(RunPageSection.TaskStarted, at)?.Value, Time(RunPageSection.TaskFinished, at)?.Value);
    }

    public override RunResult? ResultOf(int task) => Result(RunPageSection.TaskResult, FirstTask + task);

    public override string Text(RunColumn column, int task = Whole)
    {
        var number = TextNumber(column, task);
        ref var text = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, number, out var known);
        return known ? text! : text = page.String(number);
    }

    public override int CodeOf(RunColumn column, int task) => column switch
    {
        RunColumn.RunAttempt => Attempt,
        RunColumn.RunResult => (int)Number(RunPageSection.RunResult, Row),
        RunColumn.RunState => (int)State,
        RunColumn.TaskAttempt => (int)Number(RunPageSection.TaskAttempt, FirstTask + task),
        RunColumn.TaskResult => (int)Number(RunPageSection.TaskResult, FirstTask + task),
        RunColumn.TraceId => -1,
        _ => TextNumber(column, task),
    };

    public override void AppendTo(LabelSetBuilder labels, ReadOnlySpan<byte> label, RunColumn column, int task)
    {
        if (column.IsText())
        {
            labels.Append(label, page.StringBytes(TextNumber(column, task)));
        }
        else
        {
            base.AppendTo(labels, label, column, task);
        }
    }

    public override bool Accepts(Matcher matcher, int slot, RunColumn column, int task)
    {
        if (!column.IsText())
        {
            return matcher.Matches(Value(column, task));
        }

        while (_verdicts.Count <= slot)
        {
            _verdicts.Add(null);
        }

        var verdicts = _verdicts[slot] ??= new sbyte[page.Strings];
        var number = TextNumber(column, task);
        if (verdicts[number] == 0)
        {
            verdicts[number] = matcher.Matches(page.String(number)) ? (sbyte)1 : (sbyte)-1;
        }

        return verdicts[number] > 0;
    }

    public override ulong TextHash(RunColumn column, int task = Whole) => LabelSet.HashOf(page.StringBytes(TextNumber(column, task)));

    public override PipelineRun Read() => page.Read(Row);

    private int TextNumber(RunColumn column, int task) =>
        page.Has((RunPageSection)column) ? (int)Number((RunPageSection)column, column.IsOfTask() ? FirstTask + task : Row) : 0;

    private ulong Number(RunPageSection section, int at) => columns is null ? page.Numbers(section)[at] : columns.Of(page, section)[at];

    private int FirstTask => (int)Number(RunPageSection.FirstTask, Row);

    private TimestampNs? Time(RunPageSection section, int at) =>
        Number(section, at) is var value and not 0 ? new TimestampNs(value) : null;

    private RunResult? Result(RunPageSection section, int at) =>
        Number(section, at) is var value and not 0 ? (RunResult)(value - 1) : null;
}
