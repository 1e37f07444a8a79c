namespace Flyball.Step.Tests.Contexts;

/// <summary>What a step makes of the context it is started in, and what it hands on, seen from outside.</summary>
public sealed class ContextTests : FolderTest
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";
    private const string Parent = "00-" + Trace + "-" + Span + "-01";

    [Fact]
    public async Task A_valid_trace_parent_is_the_parent_and_the_child_gets_the_new_span()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url) { Variables = [("TRACEPARENT", Parent), ("TRACESTATE", "v=1")] };

        var result = await StepProcess.RunAsync(settings, "--run-id", "r", "--name", "t", "--", "sh", "-c", "echo $TRACEPARENT $TRACESTATE");

        var span = Assert.Single(server.Spans);
        Assert.Equal((Trace, Span), (span.TraceId, span.ParentSpanId));
        Assert.Equal($"00-{Trace}-{span.SpanId}-01 v=1\n", result.Output);
    }

    [Fact]
    public async Task An_invalid_one_is_ignored_and_its_state_with_it()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url) { Variables = [("TRACEPARENT", Parent.ToUpperInvariant()), ("TRACESTATE", "v=1")] };

        var result = await StepProcess.RunAsync(settings, "--run-id", "r", "--", "sh", "-c", "echo $TRACEPARENT");

        var span = Assert.Single(server.Spans);
        Assert.NotEqual(Trace, span.TraceId);
        Assert.Contains(span.TraceId, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_of_a_run_share_its_trace_and_their_attempts_are_their_own_spans()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url);

        await StepProcess.RunScriptAsync(settings, """
            $STEP --run --pipeline shop --run-id 17 -- sh -c '
              $STEP --name build -- true
              $STEP --name test -- false
              true'
            $STEP --pipeline shop --run-id 17 --name test --attempt 2 -- true
            $STEP --run --pipeline shop --run-id 17 -- true
            """);

        var spans = server.Spans;
        Assert.Equal(5, spans.Count);
        Assert.Single(spans.Select(s => s.TraceId).Distinct());
        var roots = spans.Where(s => s.Kind == 2).ToList();
        Assert.Equal(2, roots.Count);
        Assert.Equal(roots[0].SpanId, roots[1].SpanId);
        Assert.All(roots, r => Assert.Equal("", r.ParentSpanId));
        Assert.All(spans.Where(s => s.Kind == 1), s => Assert.Equal(roots[0].SpanId, s.ParentSpanId));
        Assert.Equal(["build", "test", "test"], spans.Where(s => s.Kind == 1).Select(s => s.Name));
        Assert.Equal(3, spans.Where(s => s.Kind == 1).Select(s => s.SpanId).Distinct().Count());
        Assert.Equal(["1", "1", "2"], spans.Where(s => s.Kind == 1).Select(s => s["flyball.task.attempt"]));
        Assert.All(spans, s => Assert.Equal("shop", s.Service));
        Assert.Equal("RUN shop", roots[0].Name);
        Assert.Equal("success", roots[1]["cicd.pipeline.result"]);
    }

    [Fact]
    public async Task A_step_inside_a_wrapped_task_is_a_grandchild_of_the_run()
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunScriptAsync(
            new StepSettings(Folder, server.Url), "$STEP --run-id 1 --name build -- $STEP --name compile -- true");

        var (inner, outer) = (server.Spans[0], server.Spans[1]);
        Assert.Equal(outer.SpanId, inner.ParentSpanId);
        Assert.Equal("compile", inner["flyball.step.name"]);
        Assert.Equal("build", inner["cicd.pipeline.task.name"]);
        Assert.Equal("", outer["flyball.step.name"]);
    }

    [Fact]
    public async Task A_command_that_no_run_surrounds_is_a_run_by_itself()
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--pipeline", "nightly", "--", "true");

        var (task, run) = (server.Spans[0], server.Spans[1]);
        Assert.Equal(run.SpanId, task.ParentSpanId);
        Assert.Equal(("RUN nightly", 2, "success"), (run.Name, run.Kind, run["cicd.pipeline.result"]));
        Assert.Equal("true", task["cicd.pipeline.task.name"]);
    }

    [Fact]
    public async Task A_context_file_carries_the_trace_between_steps_that_share_nothing_else()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url);
        var file = Path.Combine(Folder, "context");

        var first = await StepProcess.RunAsync(settings, "--context", file, "--run-id", "9", "--name", "a", "--", "cat", file);
        await StepProcess.RunAsync(settings, "--context", file, "--name", "b", "--", "true");

        var (a, b) = (server.Spans[0], server.Spans[1]);
        Assert.Equal($"export TRACEPARENT=00-{a.TraceId}-{a.SpanId}-01\n", first.Output);
        Assert.Equal((a.TraceId, a.ParentSpanId), (b.TraceId, b.ParentSpanId));
        Assert.NotEqual(a.SpanId, b.SpanId);
    }

    [Fact]
    public async Task The_environment_wins_over_the_file()
    {
        await using var server = new ScriptedServer();
        var file = Path.Combine(Folder, "context");
        await File.WriteAllTextAsync(file, $"TRACEPARENT=\"00-{new string('a', 32)}-{new string('b', 16)}-01\"\n", TestContext.Current.CancellationToken);
        var settings = new StepSettings(Folder, server.Url);

        await StepProcess.RunAsync(settings with { Variables = [("TRACEPARENT", Parent)] }, "--context", file, "--", "true");
        await StepProcess.RunAsync(settings, "--context", file, "--", "true");

        Assert.Equal([Trace, new string('a', 32)], server.Spans.Select(s => s.TraceId));
    }

    [Fact]
    public async Task A_result_of_an_earlier_task_is_a_file_with_the_bare_value()
    {
        await using var server = new ScriptedServer();
        var file = Path.Combine(Folder, "traceparent");
        await File.WriteAllTextAsync(file, Parent, TestContext.Current.CancellationToken);

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--context", file, "--run-id", "9", "--", "true");

        Assert.Equal((Trace, Span), (server.Spans[0].TraceId, server.Spans[0].ParentSpanId));
    }

    [Fact]
    public async Task Tasks_of_one_run_may_share_a_file_and_each_keeps_its_own_place()
    {
        await using var server = new ScriptedServer();
        var file = Path.Combine(Folder, "context");
        StepSettings Task(string uid) => new(Folder, server.Url)
        {
            Variables = [("TEKTON_PIPELINERUN_UID", "3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10"), ("TEKTON_TASKRUN_UID", uid)],
        };

        await StepProcess.RunAsync(Task("one"), "--context", file, "--name", "a", "--", "true");
        await StepProcess.RunAsync(Task("two"), "--context", file, "--name", "b", "--", "true");

        var (a, b) = (server.Spans[0], server.Spans[1]);
        Assert.Equal("5314f0e11a8ec61211a0000686e14050", a.TraceId);
        Assert.Equal(a.TraceId, b.TraceId);
        Assert.NotEqual(a.ParentSpanId, b.ParentSpanId);
        Assert.Empty(b.Links);
    }

    [Theory]
    [InlineData("shell", "export TRACEPARENT='" + Parent + "'\nexport TRACESTATE='v=1'\n")]
    [InlineData("dotenv", "TRACEPARENT=" + Parent + "\nTRACESTATE=v=1\n")]
    [InlineData("bare", Parent)]
    public async Task The_context_can_be_handed_on_in_each_form(string format, string expected)
    {
        var settings = Quiet with { Variables = [("TRACEPARENT", Parent), ("TRACESTATE", "v=1")] };
        var file = Path.Combine(Folder, "result");

        var printed = await StepProcess.RunAsync(settings, "context", "--format", format);
        await StepProcess.RunAsync(settings, "context", "--format", format, "--to", file);

        Assert.Equal(expected, printed.Output);
        Assert.Equal(expected, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
