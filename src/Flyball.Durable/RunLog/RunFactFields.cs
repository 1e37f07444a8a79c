namespace Flyball.Durable.RunLog;

/// <summary>The layout of a record of facts: fields of protobuf's wire format, so that a reader skips what a later version adds.</summary>
/// <remarks>
/// <code>
/// record   1 text*    2 run*     3 fact*           texts and runs are numbered in order: texts from 1 (0 = absent), runs from 0
/// run      1 system   2 instance 3 id  4 attempt   the first three are numbers of texts
/// fact     1 run (its number)    2 source time (fixed64)  3 received  4 trace id  5 sent span (fixed64)  6 life  7 pipeline  8 number
///          9 url  10 vcs  11 actor  12 trigger  13 environment  14 parent (run)  15 task*  16 link (run)*  17 attribute*
/// life     1 state + 1  2 result + 1  3 error type  4 message  5 exit code (zigzag)  6 created  7 started  8 finalizing  9 finished  10 cycle
/// task     1 id  2 attempt of the key  3 stand-in  4 also known as  5 source time  6 sent span (fixed64)  7 life  8 name  9 type  10 stage
///          11 attempt  12 soft fail  13 worker  14 url  15 step*  16 log tail  17 attribute*
/// step     1 id  2 name  3 life  4 sent span (fixed64)
/// vcs      1 … 11: the members of VcsFacts in order
/// attribute  1 key  2 value
/// </code>
/// Words are numbers of texts, times zigzag differences to the fact's source time. What a fact does not say is absent.
/// </remarks>
internal static class RunFactFields
{
    public const int Text = 1, Run = 2, Fact = 3;

    public const int System = 1, Instance = 2, RunId = 3, RunAttempt = 4;

    public const int RunNumber = 1, SourceTime = 2, ReceivedAt = 3, TraceId = 4, SentSpan = 5, Life = 6, Pipeline = 7, Number = 8, Url = 9,
        Vcs = 10, Actor = 11, Trigger = 12, Environment = 13, Parent = 14, Task = 15, Link = 16, Attribute = 17;

    public const int State = 1, Result = 2, ErrorType = 3, Message = 4, ExitCode = 5, Created = 6, Started = 7, Finalizing = 8, Finished = 9,
        Cycle = 10;

    public const int TaskId = 1, TaskKeyAttempt = 2, StandIn = 3, AlsoKnownAs = 4, TaskTime = 5, TaskSentSpan = 6, TaskLife = 7, TaskName = 8,
        TaskType = 9, Stage = 10, TaskAttempt = 11, SoftFail = 12, Worker = 13, TaskUrl = 14, Step = 15, LogTail = 16, TaskAttribute = 17;

    public const int StepId = 1, StepName = 2, StepLife = 3, StepSentSpan = 4;

    public const int Key = 1, Value = 2;
}
