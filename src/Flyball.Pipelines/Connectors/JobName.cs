namespace Flyball.Pipelines.Connectors;

/// <summary>What systems that have no field for it hide in the names of jobs.</summary>
internal static class JobName
{
    /// <summary>The values of a matrix leg: <c>test (1.23, linux)</c> has "1.23, linux", <c>deploy: [eu, blue]</c> has "eu, blue".</summary>
    public static string? MatrixOf(string? name)
    {
        if (name is null || name.Length < 3 || name[^1] is not (')' or ']'))
        {
            return null;
        }

        var opening = name[^1] == ')' ? name.LastIndexOf(" (", StringComparison.Ordinal) : name.LastIndexOf(": [", StringComparison.Ordinal);
        var begin = opening < 0 ? -1 : name.IndexOf(name[^1] == ')' ? '(' : '[', opening) + 1;
        return begin > 0 && begin < name.Length - 1 ? name[begin..^1] : null;
    }

    /// <summary>The part of a parallel job: <c>rspec 1/3</c> is the first of three.</summary>
    public static (string Index, string Total)? PartOf(string? name)
    {
        var part = name?[(name.LastIndexOf(' ') + 1)..].Split('/');
        return part is [{ Length: > 0 } index, { Length: > 0 } total] && index.All(char.IsAsciiDigit) && total.All(char.IsAsciiDigit)
            ? (index, total)
            : null;
    }
}
