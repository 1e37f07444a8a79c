using System.Diagnostics;
using System.Text.Json;
using Flyball.Model.Samples;
using Flyball.PromQL.Explaining;

namespace Flyball.PromQL.Child;

/// <summary>Asks many hostile queries one after the other; the process runs under a heap limit that its starter has set.</summary>
/// <remarks>Prints <c>asking N</c> before each, a line <c>wrong N: …</c> for each that ended otherwise than it may, and at the end
/// <c>answered N refused N wrong N slowest N ms, query N</c>. A query of a number is always the same.</remarks>
internal static class Interrogation
{
    // Of the processor: what the clock on the wall shows is also what else the machine does.
    private const long PatienceMs = 10_000;

    private static readonly QueryLimits Limits = new() { MaxSamples = 1_000_000, MaxPoints = 11_000, Timeout = TimeSpan.FromMilliseconds(60) };

    public static async Task<int> RunAsync(int first, int count)
    {
        var engine = new PromQLEngine(new PromQLOptions { Features = PromQLFeatures.All }, TimeProvider.System);
        var source = new FormulaSource();
        int answered = 0, refused = 0, wrong = 0;
        var slowest = (Ms: 0L, Number: 0);
        for (var number = first; number < first + count; number++)
        {
            await System.Console.Out.WriteLineAsync($"asking {number}");
            var query = HostileQuery.Make(number);
            var watch = Stopwatch.StartNew();
            var worked = Environment.CpuUsage.TotalTime;
            try
            {
                await AskAsync(engine, source, query, number);
                answered++;
            }
            catch (Exception e) when (e is PromQLSyntaxException or PromQLQueryException or SeriesLimitException && e.Message.Length > 0)
            {
                refused++;
            }
            catch (Exception e)
            {
                wrong++;
                await System.Console.Out.WriteLineAsync($"wrong {number}: {Shown(query)} ended in {e.GetType().Name}: {Shown(e.Message)} {e.StackTrace?.Split('\n')[0]}");
            }

            slowest = watch.ElapsedMilliseconds > slowest.Ms ? (watch.ElapsedMilliseconds, number) : slowest;
            worked = Environment.CpuUsage.TotalTime - worked;
            if (worked.TotalMilliseconds > PatienceMs)
            {
                wrong++;
                await System.Console.Out.WriteLineAsync($"wrong {number}: {Shown(query)} took {worked.TotalMilliseconds:F0} ms of the processor");
            }
        }

        await System.Console.Out.WriteLineAsync($"answered {answered} refused {refused} wrong {wrong} slowest {slowest.Ms} ms, query {slowest.Number}");
        return wrong == 0 ? 0 : 1;
    }

    private static async Task AskAsync(PromQLEngine engine, FormulaSource source, string query, int number)
    {
        var expression = engine.Parse(query);
        if (number % 2 == 0)
        {
            _ = expression.ToPrettyString();
            expression.WriteTree(new Utf8JsonWriter(Stream.Null, new JsonWriterOptions { SkipValidation = true, MaxDepth = 1 << 14 }));
        }

        var inspection = number % 4 == 0 ? QueryInspection.Plan | QueryInspection.SamplesPerStep : QueryInspection.None;
        if (number % 3 == 0)
        {
            await engine.QueryInstantAsync(source, expression, new(FormulaSource.EndMs), Limits, inspection, CancellationToken.None);
            return;
        }

        var step = (number % 5) switch { 0 => 1, 1 => 8000, 2 => 60_000, 3 => 86_400_000, _ => long.MaxValue / 4 };
        var start = number % 7 == 0 ? -FormulaSource.EndMs * 400 : FormulaSource.EndMs / 2;
        await engine.QueryRangeAsync(source, expression, new(start), new(FormulaSource.EndMs), new(step), Limits, inspection, CancellationToken.None);
    }

    private static string Shown(string text) => (text.Length > 300 ? text[..300] + "…" : text).ReplaceLineEndings(" ");
}
