using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tekton;
using Flyball.Pipelines.Tests.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Tekton;

public sealed class TektonContractTests : ConnectorContract
{
    protected override string Folder => "tekton/cloudevents";

    protected override IReadOnlyList<string> Stories => ["run-7xk2p-success-with-retry", "run-c4nc1-cancelled", "run-t1m3o-timeout"];

    protected override IReadOnlyList<string> Secrets => ["sink-token"];

    private protected override IConnector Make(Func<IReadOnlyList<string>> secrets) => new TektonConnector(secrets);

    private protected override HookRequest Proven(string file) => Request(file) with
    {
        Query = new QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues> { ["token"] = "sink-token" }),
    };
}
