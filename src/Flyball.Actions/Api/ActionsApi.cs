using Flyball.Actions.Policy;
using Flyball.Actions.Records;
using Flyball.Durable.Journal;
using Flyball.Model.Journaling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Actions.Api;

/// <summary><c>/api/flyball/actions</c>, <c>/policies</c>, <c>/journal</c> and <c>/journal/verify</c>; docs/api.md.</summary>
public static class ActionsApi
{
    /// <summary>Maps them.</summary>
    /// <param name="verify">Checks the journal on disk, given how many entries must be there.</param>
    public static void MapActionsApi(
        this IEndpointRouteBuilder routes, PolicyEngine engine, IJournal journal, Func<long, CancellationToken, JournalVerdict> verify)
    {
        routes.MapGet("/api/flyball/actions", context => ListActionsAsync(context, engine));
        routes.MapGet("/api/flyball/policies", context => ListPoliciesAsync(context, engine));
        var entries = new JournalApi(journal, verify);
        routes.MapGet("/api/flyball/journal", (RequestDelegate)entries.ListAsync);
        routes.MapGet("/api/flyball/journal/verify", (RequestDelegate)entries.VerifyAsync);
    }

    private static async Task ListActionsAsync(HttpContext context, PolicyEngine engine)
    {
        if (await Answers.ReadLimitAsync(context) is not { } limit)
        {
            return;
        }

        var status = context.Request.Query["status"].ToString();
        var words = Enum.GetValues<ActionStatus>().Select(ActionJson.Word).ToArray();
        if (status.Length > 0 && !words.Contains(status))
        {
            await Answers.RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"status is \"{status}\"; it is one of {string.Join(", ", words)}");
            return;
        }

        var before = context.Request.Query["before"].ToString();
        var run = context.Request.Query["run"].ToString();
        var all = engine.NewestFirst();
        IEnumerable<ActionRecord> rest = all;
        if (before.Length > 0)
        {
            rest = all.SkipWhile(r => r.Id != before).Skip(1);
        }

        var found = rest
            .Where(r => (status.Length == 0 || ActionJson.Word(r.Status) == status) && (run.Length == 0 || r.Run == run))
            .Take(limit + 1).ToArray();
        await Answers.WriteAsync(context, json =>
        {
            json.WriteStartArray("actions");
            foreach (var record in found.Take(limit))
            {
                ActionJson.Write(json, record);
            }

            json.WriteEndArray();
            if (found.Length > limit)
            {
                json.WriteString("next", found[limit - 1].Id);
            }
        });
    }

    private static Task ListPoliciesAsync(HttpContext context, PolicyEngine engine) => Answers.WriteAsync(context, json =>
    {
        json.WriteStartArray("policies");
        foreach (var policy in engine.Config.Policies)
        {
            ActionJson.Write(json, policy, engine.LastDecision(policy.Name));
        }

        json.WriteEndArray();
    });
}
