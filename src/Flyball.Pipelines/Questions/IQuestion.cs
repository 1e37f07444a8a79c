namespace Flyball.Pipelines.Questions;

/// <summary>Something people ask about runs. Stateless: what it is asked about comes with every call.</summary>
internal interface IQuestion
{
    /// <summary>Its name in the address and on the command line.</summary>
    string Name { get; }

    /// <summary>The question as a person asks it.</summary>
    string About { get; }

    /// <summary>What it takes beside the filter, <c>since</c>, <c>until</c> and <c>limit</c>.</summary>
    IReadOnlyList<Parameter> Parameters => [];

    /// <summary>How far it looks back unless <c>since</c> says otherwise.</summary>
    TimeSpan LooksBack => TimeSpan.FromDays(7);

    /// <summary>The same in PromQL, for dashboards and rules, as nearly as series can say it; "" where they cannot.</summary>
    string PromQL => "";

    /// <summary>Answers it.</summary>
    /// <exception cref="UnansweredException">It cannot be answered as it was asked.</exception>
    Answer Ask(RunScan runs, Arguments with);
}

/// <summary>A question that cannot be answered as it was asked; the message says what to do.</summary>
/// <param name="isMissing">Whether what it is about is not there, rather than the question wrong.</param>
internal sealed class UnansweredException(string message, bool isMissing = false) : Exception(message)
{
    public bool IsMissing => isMissing;
}
