using System.Text;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Reads builds of a job, or of all jobs in a folder, with their stages and steps where the stage view is installed.</summary>
internal sealed class JenkinsReader(TimeProvider time) : IRunReader
{
    private const int BuildsPerPage = 50;
    private const int MostStagesWithSteps = 50;

    private const string Tree =
        "jobs[name],builds[_class,number,url,result,building,timestamp,duration,builtOn,artifacts[fileName],"
        + "actions[_class,causes[*],lastBuiltRevision[SHA1,branch[name]],remoteUrls]]";

    public Uri? DefaultAddress => null;

    public void Prove(HttpRequestMessage request, string credential) =>
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credential)));

    /// <summary>Reads a page of builds of one job.</summary>
    /// <param name="page">The job and the first build of the page, as <c>offset job</c>, then the jobs that are still to come, line by line.</param>
    public async Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken)
    {
        var open = (page ?? $"0 {target.Trim('/')}").Split('\n').ToList();
        var (offset, job) = open[0].Split(' ', 2) is [var number, var name] && int.TryParse(number, out var n) ? (n, name) : (0, open[0]);
        open.RemoveAt(0);
        var path = PathOf(job);
        using var document = await api.GetAsync($"{path}/api/json?tree={Uri.EscapeDataString($"{Tree}{{{offset},{offset + BuildsPerPage}}}")}", cancellationToken)
            ?? throw new BackfillException($"there is no job {job}, or the user may not see it", isPageGone: true);
        var runs = new List<IReadOnlyList<RunFact>>();
        var (isOld, count) = (false, 0);
        foreach (var build in document.RootElement.Items("builds"))
        {
            count++;
            isOld = build.Integer("timestamp") < since.ToUnixTimeMilliseconds();
            if (isOld)
            {
                break;
            }

            runs.Add(await ReadBuildAsync(api, path, job, build, cancellationToken));
        }

        open.InsertRange(0, document.RootElement.Items("jobs").Select(j => j.Text("name")).OfType<string>().Select(child => $"0 {job}/{child}"));
        if (!isOld && count == BuildsPerPage)
        {
            open.Insert(0, $"{offset + BuildsPerPage} {job}");
        }

        return new RunPage(runs, open.Count == 0 ? null : string.Join('\n', open));
    }

    private async Task<IReadOnlyList<RunFact>> ReadBuildAsync(
        RestClient api, string path, string job, JsonElement build, CancellationToken cancellationToken)
    {
        var number = build.Text("number");
        using var describe = await api.GetAsync($"{path}/{number}/wfapi/describe", cancellationToken);
        if (describe is not null)
        {
            using var steps = await WithStepsAsync(api, $"{path}/{number}", describe.RootElement, cancellationToken);
            return Read(build, job, steps.RootElement);
        }

        return Read(build, job, default);
    }

    private IReadOnlyList<RunFact> Read(JsonElement build, string job, JsonElement describe)
    {
        var place = JenkinsFacts.SplitAddress(build.Text("url"), relative: null);
        return JenkinsBuilds.Read(build, place?.Instance ?? "", place?.Job ?? job, describe, TimestampNs.Now(time)) is { } fact ? [fact] : [];
    }

    // The stages of a build, each replaced by what is asked of it alone: that has its flow nodes.
    private static async Task<JsonDocument> WithStepsAsync(RestClient api, string path, JsonElement describe, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in describe.Members().Where(m => m.Name != "stages"))
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteStartArray("stages");
            var asked = 0;
            foreach (var stage in describe.Items("stages"))
            {
                using var whole = asked++ < MostStagesWithSteps && stage.Text("id") is { } id
                    ? await api.GetAsync($"{path}/execution/node/{Uri.EscapeDataString(id)}/wfapi/describe", cancellationToken)
                    : null;
                (whole?.RootElement ?? stage).WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.ToArray());
    }

    // Names may have a slash in them, written %2F; in the address its percent sign is escaped once more.
    private static string PathOf(string job) => string.Join('/', job.Split('/').Select(part => "job/" + Uri.EscapeDataString(part)));
}
