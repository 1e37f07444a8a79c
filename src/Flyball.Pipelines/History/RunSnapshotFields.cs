namespace Flyball.Pipelines.History;

/// <summary>The layout of a whole run in a page: fields of protobuf's wire format, so that a new member needs no new one.</summary>
/// <remarks>
/// <code>
/// run    1 key  2 trace id  3 span (fixed64)  4 span is sent  5 pipeline  6 number  7 state  8 result + 1  9 error type  10 message  11 url
///        12 first heard (fixed64)  13 created  14 started  15 finalizing  16 finished  17 end known  18 cycle  19 vcs  20 actor
///        21 trigger  22 environment  23 parent (key)  24 link (key)*  25 task*  26 attribute*
/// key    1 system  2 instance  3 run  4 attempt
/// task   1 id  2 attempt of the key  3 span (fixed64)  4 span is sent  5 name  6 started  7 finished  8 end known  9 created  10 state
///        11 result + 1  12 attempt  13 worker  14 type  15 stage  16 soft fail  17 error type  18 message  19 exit code (zigzag)  20 url
///        21 log tail  22 step*  23 attribute*  24 cycle
/// step   1 id  2 span (fixed64)  3 span is sent  4 name  5 state  6 result + 1  7 error type  8 exit code (zigzag)  9 started  10 finished
/// vcs    1 … 11: the members of VcsFacts in order
/// attribute  1 key  2 value
/// </code>
/// Times are zigzag differences to the moment in which the run was first heard of. Absent: null, "" or 0.
/// </remarks>
internal static class RunSnapshotFields
{
    public const int Key = 1, TraceId = 2, Span = 3, SpanIsSent = 4, Pipeline = 5, Number = 6, State = 7, Result = 8, ErrorType = 9,
        Message = 10, Url = 11, FirstHeard = 12, Created = 13, Started = 14, Finalizing = 15, Finished = 16, EndKnown = 17, Cycle = 18,
        Vcs = 19, Actor = 20, Trigger = 21, Environment = 22, Parent = 23, Link = 24, Task = 25, Attribute = 26;

    public const int System = 1, Instance = 2, RunId = 3, RunAttempt = 4;

    public const int TaskId = 1, TaskKeyAttempt = 2, TaskSpan = 3, TaskSpanIsSent = 4, TaskName = 5, TaskStarted = 6, TaskFinished = 7,
        TaskEndKnown = 8, TaskCreated = 9, TaskState = 10, TaskResult = 11, TaskAttempt = 12, Worker = 13, TaskType = 14, Stage = 15,
        SoftFail = 16, TaskErrorType = 17, TaskMessage = 18, TaskExitCode = 19, TaskUrl = 20, LogTail = 21, Step = 22, TaskAttribute = 23, TaskCycle = 24;

    public const int StepId = 1, StepSpan = 2, StepSpanIsSent = 3, StepName = 4, StepState = 5, StepResult = 6, StepErrorType = 7,
        StepExitCode = 8, StepStarted = 9, StepFinished = 10;

    public const int AttributeKey = 1, AttributeValue = 2;
}
