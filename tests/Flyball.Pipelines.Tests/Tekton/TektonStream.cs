using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tekton;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Tekton;

/// <summary>The sample events of the shared folder, as requests.</summary>
internal static class TektonStream
{
    public static IEnumerable<string> Names(string folder) =>
        Directory.GetFiles(SharedData.Require("data/ci/tekton/cloudevents/" + folder), "*.json").Order(StringComparer.Ordinal);

    public static HookRequest Request(string jsonFile)
    {
        var headers = new HeaderDictionary();
        var file = Path.ChangeExtension(jsonFile, ".headers");
        foreach (var line in File.Exists(file) ? File.ReadAllLines(file) : [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return Request(File.ReadAllBytes(jsonFile), headers);
    }

    public static HookRequest Request(byte[] body, IHeaderDictionary? headers = null) =>
        new(headers ?? new HeaderDictionary(), new QueryCollection(), body, TimestampNs.From(TestClock.DefaultStart));

    public static HookVerdict Read(HookRequest request, params string[] tokens) => new TektonConnector(() => tokens).Read(request);

    public static IReadOnlyList<RunFact> Facts(string jsonFile) => Assert.IsType<HookVerdict.Facts>(Read(Request(jsonFile))).Of;

    public static IReadOnlyList<RunFact> FactsOf(string folder) => [.. Names(folder).SelectMany(Facts)];
}
