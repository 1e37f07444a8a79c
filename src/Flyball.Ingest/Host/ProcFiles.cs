using System.Globalization;

namespace Flyball.Ingest.Host;

/// <summary>The kernel's text files.</summary>
internal sealed class ProcFiles(string root)
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>The lines of a file, split at blanks; none where the file is missing or forbidden.</summary>
    public IEnumerable<string[]> Rows(string path)
    {
        foreach (var line in Lines(path))
        {
            var fields = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0)
            {
                yield return fields;
            }
        }
    }

    /// <summary>The first line of a file, or null.</summary>
    public string? FirstLine(string path) => Lines(path).FirstOrDefault();

    /// <summary>The lines of a file; none where it is missing or forbidden.</summary>
    public string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A number of a row; 0 where the kernel has no such column.</summary>
    public static double Number(string[] row, int column) =>
        column < row.Length && double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
