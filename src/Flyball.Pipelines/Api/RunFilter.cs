using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Pipelines.History;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Api;

/// <summary>Which runs a request is about; docs/api.md, "Runs".</summary>
internal sealed class RunFilter
{
    private static readonly (string Parameter, RunColumn Column)[] Parameters =
    [
        ("system", RunColumn.System), ("pipeline", RunColumn.Pipeline), ("state", RunColumn.RunState), ("result", RunColumn.RunResult),
        ("repository", RunColumn.Repository), ("branch", RunColumn.Branch), ("change", RunColumn.Change), ("actor", RunColumn.Actor),
        ("trigger", RunColumn.Trigger), ("environment", RunColumn.Environment), ("run", RunColumn.RunId), ("number", RunColumn.Number),
    ];

    private static readonly RunColumn[] Searched =
    [
        RunColumn.Pipeline, RunColumn.Number, RunColumn.Branch, RunColumn.Commit, RunColumn.Actor, RunColumn.Repository, RunColumn.Change, RunColumn.RunId,
        RunColumn.Environment, RunColumn.Trigger, RunColumn.System, RunColumn.RunErrorType,
    ];

    private readonly List<(Matcher Matcher, RunColumn Column)> _asked = [];
    private string[] _words = [];

    /// <summary>The parameters it reads.</summary>
    public static IEnumerable<string> Names => Parameters.Select(p => p.Parameter).Concat(["commit", "search"]);

    /// <summary>Reads the parameters of a request.</summary>
    /// <param name="error">What is wrong and what would be right; "" if nothing is.</param>
    public static bool TryRead(IQueryCollection query, out RunFilter filter, out string error)
    {
        filter = new RunFilter();
        foreach (var (parameter, column) in Parameters)
        {
            if (query[parameter].ToString() is { Length: > 0 } value)
            {
                filter._asked.Add((new Matcher(MatchOp.Equal, parameter, value), column));
            }
        }

        filter._words = query["search"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // As people shorten commits, in whatever case they copied.
        var commit = query["commit"].ToString();
        if (!commit.All(char.IsAsciiLetterOrDigit))
        {
            error = $"commit is \"{commit}\"; give its first hex digits";
            return false;
        }

        if (commit.Length > 0)
        {
            filter._asked.Add((new Matcher(MatchOp.Regex, "commit", $"(?i){commit}.*"), RunColumn.Commit));
        }

        var (result, state) = (query["result"].ToString(), query["state"].ToString());
        error = result.Length > 0 && RunWords.ParseResult(result) is null
            ? $"result is \"{result}\"; it is one of success, failure, error, timeout, cancellation, skip"
            : state is not ("" or "pending" or "executing" or "finalizing" or "finished")
                ? $"state is \"{state}\"; it is one of pending, executing, finalizing, finished"
                : "";
        return error.Length == 0;
    }

    /// <summary>Whether the request is about a run.</summary>
    public bool Accepts(RunRow row)
    {
        for (var i = 0; i < _asked.Count; i++)
        {
            if (!row.Accepts(_asked[i].Matcher, i, _asked[i].Column, RunRow.Whole))
            {
                return false;
            }
        }

        return Array.TrueForAll(_words, word => Says(row, word));
    }

    private static bool Says(RunRow row, string word) =>
        Array.Exists(Searched, column => row.Text(column).Contains(word, StringComparison.OrdinalIgnoreCase));
}
