using Flyball.Model.Runs;

namespace Flyball.Model.Tests.Runs;

public sealed class RunIdsTests
{
    [Theory]
    [InlineData("github", "github.com", "7700001", 1, "60a06d47aa580f71292f4c977246d07e")]
    [InlineData("github", "github.com", "7700001", 2, "c758a5db134de83ea8f9c289989ff461")]
    [InlineData("buildkite", "", "0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a", 1, "7c61c9d79554d5106f08967838d51639")]
    [InlineData("gitlab", "gitlab.com", "5500", 1, "aff9d315f1117ee9e8eab0f989a993d2")]
    [InlineData("tekton", "", "3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10", 1, "5314f0e11a8ec61211a0000686e14050")]
    [InlineData("jenkins", "jenkins.example.com", "acme/payments/main#58", 1, "4a57e205e5c75f8696f4879ab849d27d")]
    public void A_trace_id_follows_from_system_instance_run_and_attempt(
        string system, string instance, string run, int attempt, string traceId)
    {
        Assert.Equal(traceId, RunIds.TraceId(system, instance, run, attempt));
        Assert.Equal(traceId, new RunKey(system, instance, run, attempt).DeriveTraceId().ToString());
    }

    [Theory]
    [InlineData("60a06d47aa580f71292f4c977246d07e", "run", "", "b27fcebfaf400b33")]
    [InlineData("60a06d47aa580f71292f4c977246d07e", "task", "8800001", "da8dd1e2a81c5b36")]
    [InlineData("60a06d47aa580f71292f4c977246d07e", "queue", "8800001", "71774a1d2733f9c6")]
    [InlineData("60a06d47aa580f71292f4c977246d07e", "step", "8800001 1", "25f865d60794f505")]
    [InlineData("7c61c9d79554d5106f08967838d51639", "run", "", "7ec8d335dd024970")]
    [InlineData("7c61c9d79554d5106f08967838d51639", "task", "0199f2a4-0201-4c3d-9a1b-5f2e7d8c0201", "54ad65d5594b94b4")]
    [InlineData("aff9d315f1117ee9e8eab0f989a993d2", "run", "", "1c6c1e3ea77a931f")]
    [InlineData("5314f0e11a8ec61211a0000686e14050", "run", "", "98aca5c7934da61d")]
    [InlineData("5314f0e11a8ec61211a0000686e14050", "task", "a1000000-0000-4000-8000-000000000002 0", "2bbf42fa3a2bdc79")]
    [InlineData("5314f0e11a8ec61211a0000686e14050", "task", "a1000000-0000-4000-8000-000000000002 1", "b758e4adb4fffbe5")]
    [InlineData("4a57e205e5c75f8696f4879ab849d27d", "run", "", "338033018df9358f")]
    public void A_span_id_follows_from_trace_kind_and_parts(string traceId, string kind, string parts, string spanId)
    {
        var list = parts.Length == 0 ? [] : parts.Split(' ');

        Assert.Equal(spanId, RunIds.SpanId(traceId, kind, list));
    }
}
