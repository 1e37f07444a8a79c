using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary>Keeps labels that a query makes from growing without end: joined with itself a few times, one would fill the memory.</summary>
internal static class LabelGrowth
{
    private const int MostCharacters = 64 * 1024;
    private const int WorthCounting = 1024;
    private const int CharactersPerSample = 16;

    /// <summary>Asked before a value is made.</summary>
    /// <exception cref="PromQLQueryException">It would be too long, or all of them together would be too much.</exception>
    public static void Check(QueryScope scope, string function, string label, long characters)
    {
        if (characters > MostCharacters)
        {
            throw new PromQLQueryException(
                QueryFailure.Execution, $"{function}() would make a value of {characters} characters for label {label}, more than {MostCharacters}");
        }

        if (characters > WorthCounting)
        {
            scope.Budget.ThrowIfDone();
            scope.Budget.Hold(characters / CharactersPerSample);
        }
    }
}
