using System.CommandLine;
using System.Text.Json;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball query runs</c>: the list of runs, or the answer to one of the server's questions about them, as a table.</summary>
internal static class QueryRunsCommand
{
    private const string ListOfQuestions = "questions";

    // What the list shows of each run, in this order.
    private static readonly (string Name, string Kind)[] ListColumns =
    [
        ("system", "text"), ("pipeline", "text"), ("number", "text"), ("branch", "text"), ("state", "text"), ("result", "text"),
        ("durationSeconds", "seconds"), ("startedAt", "time"), ("id", "run"),
    ];

    public static Command Create(Func<ParseResult, ServerClient> client, Option<bool> json)
    {
        var limit = new Option<int>("--limit") { Description = "Most rows", DefaultValueFactory = _ => 20 };
        var words = new Argument<string[]>("question")
        {
            Description = "A question and its parameters, e.g. longest --longer-than 10m --pipeline shop --since 7d; \"questions\" lists them; "
                + "without one: runs, newest first, filtered by --pipeline, --branch, --result, --commit, …",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("runs", "List pipeline runs, or ask a question about them") { words, limit };
        command.Runs(async (result, token) =>
        {
            var (question, parameters) = Read(result.GetValue(words) ?? []);
            var query = $"?limit={result.GetValue(limit)}{parameters}";
            using var server = client(result);
            var answer = await server.GetAsync(
                question switch
                {
                    "" => "/api/flyball/runs" + query,
                    ListOfQuestions => "/api/flyball/questions",
                    _ => $"/api/flyball/questions/{Uri.EscapeDataString(question)}{query}",
                },
                token);
            System.Console.Write(result.GetValue(json) ? QueryCommand.Indented(answer) + "\n" : TextOf(question, answer));
            return 0;
        });
        return command;
    }

    // "--name value" and "--name=value" in any order; the server knows which names there are.
    private static (string Question, string Parameters) Read(string[] words)
    {
        var (question, parameters) = ("", "");
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                question = question.Length == 0
                    ? word
                    : throw new CommandException($"\"{question}\" and \"{word}\" are two questions; ask one (flyball query runs questions lists them)");
                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word[2..] : word[2..equals];
            var value = equals >= 0 ? word[(equals + 1)..]
                : i + 1 < words.Length && !words[i + 1].StartsWith("--", StringComparison.Ordinal) ? words[++i]
                : "true";
            parameters += $"&{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";
        }

        return (question, parameters);
    }

    private static string TextOf(string question, JsonElement answer)
    {
        if (question.Length == 0)
        {
            return TextTable.Of(ListColumns, answer.GetProperty("runs"));
        }

        return question == ListOfQuestions ? QuestionsText(answer) : AnswerText(answer);
    }

    private static string AnswerText(JsonElement answer)
    {
        var columns = answer.GetProperty("columns").EnumerateArray()
            .Select(c => (c.GetProperty("name").GetString() ?? "", c.GetProperty("kind").GetString() ?? "")).ToArray();
        var rows = answer.GetProperty("rows");
        var facts = string.Concat(answer.GetProperty("facts").EnumerateObject()
            .Select(f => $"{TextTable.Heading(f.Name),-14} {TextTable.Cell(f.Value, f.Name.EndsWith("Seconds", StringComparison.Ordinal) ? "seconds" : "text")}\n"));
        if (rows.GetArrayLength() == 0)
        {
            return facts + "nothing found between " + answer.GetProperty("since").GetString() + " and " + answer.GetProperty("until").GetString() + "\n";
        }

        var total = answer.GetProperty("total").GetInt32();
        var more = total > rows.GetArrayLength() ? $"{total - rows.GetArrayLength()} more; --limit {Math.Min(1000, total)} shows them\n" : "";
        return facts + (facts.Length > 0 ? "\n" : "") + TextTable.Of(columns, rows) + more;
    }

    private static string QuestionsText(JsonElement answer)
    {
        var text = "";
        foreach (var question in answer.GetProperty("questions").EnumerateArray())
        {
            text += $"{question.GetProperty("name").GetString(),-20} {question.GetProperty("about").GetString()}\n";
            foreach (var parameter in question.GetProperty("parameters").EnumerateArray())
            {
                var usual = parameter.GetProperty("default").GetString();
                text += $"    --{parameter.GetProperty("name").GetString(),-14} {parameter.GetProperty("about").GetString()}{(string.IsNullOrEmpty(usual) ? "" : $" (default {usual})")}\n";
            }
        }

        return text + "\nAll take --since, --until, --limit and the filters --system --pipeline --repository --branch --commit --result --state --actor --trigger\n";
    }
}
