namespace Flyball.PromQL.Explaining;

/// <summary>What is to be found out about a query beside its answer.</summary>
[Flags]
public enum QueryInspection
{
    /// <summary>Nothing: the only one that costs nothing.</summary>
    None = 0,

    /// <summary>What each part of its plan did: <see cref="QueryResult.Plan"/>. The query then runs on one thread, so that times add up.</summary>
    Plan = 1,

    /// <summary>Samples touched at each step: <see cref="QueryStatistics.QueryablePerStep"/>.</summary>
    SamplesPerStep = 2,
}
