namespace Flyball.Step.Tests.Sending;

/// <summary>A server's fate never becomes the step's; what could not be sent is sent later.</summary>
public sealed class DeliveryTests : FolderTest
{
    private string[] Spooled => Directory.Exists(Path.Combine(Folder, "spool"))
        ? Directory.GetFiles(Path.Combine(Folder, "spool"), "*.json")
        : [];

    [Theory]
    [InlineData(nameof(Manner.Hang))]
    [InlineData(nameof(Manner.HangUp))]
    [InlineData(nameof(Manner.Babble))]
    [InlineData(nameof(Manner.Refuse))]
    public async Task A_server_that_misbehaves_changes_nothing_but_the_spool(string manner)
    {
        await using var server = new ScriptedServer(Enum.Parse<Manner>(manner));

        var result = await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--run-id", "r", "--", "sh", "-c", "echo out; echo err >&2; exit 3");

        Assert.Equal((3, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Single(Spooled);
    }

    [Fact]
    public async Task A_slow_server_that_answers_in_time_is_enough()
    {
        await using var server = new ScriptedServer(Manner.Drip);

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--run-id", "r", "--", "true");

        Assert.Empty(Spooled);
    }

    [Fact]
    public async Task What_waits_is_sent_by_the_next_step_once_the_server_is_back()
    {
        var port = ScriptedServer.FreePort();
        var settings = new StepSettings(Folder, $"http://127.0.0.1:{port}");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(0, (await StepProcess.RunAsync(settings, "--run-id", $"r{i}", "--", "true")).ExitCode);
        }

        Assert.Equal(3, Spooled.Length);
        await using var server = new ScriptedServer(Manner.Accept, port);
        var result = await StepProcess.RunAsync(settings, "--verbose", "--run-id", "r4", "--", "true");

        Assert.Equal(["r4", "r1", "r2", "r3"], server.Spans.Select(s => s["cicd.pipeline.run.id"]));
        Assert.Empty(Spooled);
        Assert.Contains("sent 3 earlier spans", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_the_command_wrote_are_sent_with_the_run_they_belong_to_and_older_ones_are_not()
    {
        await using var server = new ScriptedServer();
        Directory.CreateDirectory(Path.Combine(Folder, "out", "deep"));
        var old = Path.Combine(Folder, "out", "old.xml");
        await File.WriteAllTextAsync(old, "<testsuite/>", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
        var report = Path.Combine(Folder, "out", "deep", "new.xml");

        var result = await StepProcess.RunAsync(
            new StepSettings(Folder, server.Url), "--run-id", "r", "--name", "unit tests", "--junit", Path.Combine(Folder, "out", "**", "*.xml"),
            "--", "sh", "-c", $"echo '<testsuite name=\"s\"/>' > '{report}'; exit 1");

        Assert.Equal(1, result.ExitCode);
        var sent = Assert.Single(server.Requests, r => r.Path.StartsWith("/api/flyball/tests/junit", StringComparison.Ordinal));
        Assert.Contains("&system=step&run=r&attempt=1", sent.Path, StringComparison.Ordinal);
        Assert.Contains("&task=unit%20tests", sent.Path, StringComparison.Ordinal);
        Assert.Contains("<testsuite name", System.Text.Encoding.UTF8.GetString(sent.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Manner.Hang))]
    [InlineData(nameof(Manner.HangUp))]
    public async Task Reports_that_do_not_arrive_leave_the_steps_fate_alone(string manner)
    {
        await using var server = new ScriptedServer(Enum.Parse<Manner>(manner));
        var report = Path.Combine(Folder, "report.xml");

        var result = await StepProcess.RunAsync(
            new StepSettings(Folder, server.Url), "--run-id", "r", "--junit", report, "--", "sh", "-c", $"echo x > '{report}'; exit 4");

        Assert.Equal((4, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task What_one_server_did_not_take_is_not_given_to_another()
    {
        await StepProcess.RunAsync(new StepSettings(Folder, $"http://127.0.0.1:{ScriptedServer.FreePort()}"), "--run-id", "a", "--", "true");
        await using var other = new ScriptedServer();

        await StepProcess.RunAsync(new StepSettings(Folder, other.Url), "--run-id", "b", "--", "true");

        Assert.Equal("b", Assert.Single(other.Spans)["cicd.pipeline.run.id"]);
        Assert.Single(Spooled);
    }

    [Fact]
    public async Task Steps_side_by_side_send_each_waiting_span_once()
    {
        var port = ScriptedServer.FreePort();
        var settings = new StepSettings(Folder, $"http://127.0.0.1:{port}");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => StepProcess.RunAsync(settings, "--run-id", $"early{i}", "--", "true")));
        Assert.Equal(8, Spooled.Length);
        await using var server = new ScriptedServer(Manner.Accept, port);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => StepProcess.RunAsync(settings, "--run-id", $"late{i}", "--", "true")));

        var runs = server.Spans.Select(s => s["cicd.pipeline.run.id"]).ToList();
        Assert.Equal(14, runs.Count);
        Assert.Equal(14, runs.Distinct().Count());
        Assert.Empty(Spooled);
    }

    [Fact]
    public async Task A_span_the_server_calls_malformed_is_not_kept()
    {
        await using var server = new ScriptedServer(Manner.Refuse) { Status = 400 };

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--run-id", "r", "--", "true");

        Assert.Empty(Spooled);
    }

    [Fact]
    public async Task A_spool_that_cannot_be_written_changes_nothing()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "spool"), "in the way", TestContext.Current.CancellationToken);

        var result = await StepProcess.RunAsync(new StepSettings(Folder, $"http://127.0.0.1:{ScriptedServer.FreePort()}"), "--", "sh", "-c", "exit 4");

        Assert.Equal((4, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task The_start_is_announced_while_the_command_runs()
    {
        await using var server = new ScriptedServer();
        using var step = StepProcess.Start(
            new StepSettings(Folder, server.Url), "--run-id", "17", "--pipeline", "shop", "--name", "test", "--attempt", "2", "--", "cat");

        while (server.Announcements.Count == 0)
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        var started = server.Announcements[0];
        Assert.Empty(server.Spans);
        await step.FinishAsync();
        var span = Assert.Single(server.Spans);
        Assert.Equal("started", started.GetProperty("event").GetString());
        Assert.Equal("step", started.GetProperty("system").GetString());
        Assert.Equal("17", started.GetProperty("runId").GetString());
        Assert.Equal(1, started.GetProperty("attempt").GetInt32());
        Assert.Equal("test", started.GetProperty("task").GetString());
        Assert.Equal(2, started.GetProperty("taskAttempt").GetInt32());
        Assert.Equal(span["cicd.pipeline.task.run.id"], started.GetProperty("taskId").GetString());
        Assert.Equal(span.TraceId, started.GetProperty("traceId").GetString());
        Assert.Equal(span.SpanId, started.GetProperty("spanId").GetString());
        Assert.Equal(span.ParentSpanId, started.GetProperty("parentSpanId").GetString());
        Assert.True(DateTimeOffset.TryParse(started.GetProperty("at").GetString(), out _));
    }

    [Fact]
    public async Task Secrets_of_the_environment_do_not_leave_in_the_tail()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url) { Variables = [("DB_PASSWORD", "correct horse")] };

        var result = await StepProcess.RunAsync(
            settings, "--run-id", "r", "--attr", "note=correct horse", "--", "sh", "-c", "echo cannot log in with $DB_PASSWORD >&2; exit 1");

        var span = Assert.Single(server.Spans);
        Assert.Equal("cannot log in with correct horse\n", result.Error);
        Assert.Equal("cannot log in with ***", span["flyball.log.tail"]);
        Assert.Equal("***", span["note"]);
    }

    [Theory]
    [InlineData("exit 0", "success", "", 0)]
    [InlineData("exit 2", "failure", "exit_2", 2)]
    [InlineData("kill -KILL $$", "error", "signal_SIGKILL", 2)]
    public async Task The_span_says_how_it_went(string script, string outcome, string errorType, int status)
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--run-id", "r", "--type", "test", "--attr", "team=blue", "--", "sh", "-c", script);

        var span = Assert.Single(server.Spans);
        Assert.Equal(outcome, span["cicd.pipeline.task.run.result"]);
        Assert.Equal(errorType, span["error.type"]);
        Assert.Equal(status, span.Status);
        Assert.Equal(("sh", "test", "blue"), (span["process.executable.name"], span["cicd.pipeline.task.type"], span["team"]));
        Assert.True(span.Start > 0 && span.End >= span.Start);
    }

    [Fact]
    public async Task A_command_that_could_not_start_still_makes_a_span()
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunAsync(new StepSettings(Folder, server.Url), "--run-id", "r", "--", "no-such-command-here");

        var span = Assert.Single(server.Spans);
        Assert.Equal(("error", "command_not_found", "127"), (span["cicd.pipeline.task.run.result"], span["error.type"], span["process.exit.code"]));
    }
}
