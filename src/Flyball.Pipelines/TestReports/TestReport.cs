using System.Text.Json.Serialization;
using Flyball.Model.Spans;
using Flyball.Model.Text;
using Flyball.Model.Time;

namespace Flyball.Pipelines.TestReports;

/// <summary>What one upload told: who executed the tests, for which code, and what came out.</summary>
public sealed record TestReport
{
    /// <summary>The run that executed them; zero if they were not part of one.</summary>
    public TraceId Run { get; init; }

    /// <summary>When they had been executed: the arrival of the report.</summary>
    public required TimestampNs At { get; init; }

    /// <summary>The CI system; may be empty, as all texts here.</summary>
    public string System { get; init; } = "";

    /// <summary>The system's own id of the run.</summary>
    public string RunId { get; init; } = "";

    /// <summary>The number people use for the run.</summary>
    public string Number { get; init; } = "";

    /// <summary>Attempt of the run or of the task, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Name of the pipeline.</summary>
    public string Pipeline { get; init; } = "";

    /// <summary>Name of the task that executed them.</summary>
    public string Task { get; init; } = "";

    /// <summary>Address of the repository.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Branch or tag.</summary>
    public string Branch { get; init; } = "";

    /// <summary>Full commit id: what flakiness is judged by.</summary>
    public string Commit { get; init; } = "";

    /// <summary>Who set the run off.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The executions.</summary>
    public required IReadOnlyList<TestCase> Cases { get; init; }
}

/// <summary>Reports as JSON, compressed in the log: names repeat within a report.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter)])]
[JsonSerializable(typeof(TestReport))]
internal sealed partial class TestReportJson : JsonSerializerContext;
