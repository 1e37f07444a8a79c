using System.CommandLine;
using Flyball.Cli.Commands;

namespace Flyball.Cli.Demo;

/// <summary><c>flyball demo</c>: the server, and a real little pipeline that fails, is noticed and is healed.</summary>
internal static class DemoCommand
{
    /// <summary>The command for the root.</summary>
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Keep the server's data in this folder (default: a temporary one)" };
        var listen = new Option<string?>("--listen") { Description = "Address of the server (default: 127.0.0.1:9090, or a free port)" };
        var once = new Option<bool>("--once") { Description = "End after the story; exit code 0 only if every part of it happened" };
        var keep = new Option<bool>("--keep") { Description = "Leave the temporary folder with logs and configuration behind" };
        var command = new Command("demo", "Watch a real little pipeline fail, be noticed and be healed") { data, listen, once, keep };
        command.Runs((result, token) => RunAsync(
            new DemoOptions(result.GetValue(data), result.GetValue(listen), result.GetValue(once), result.GetValue(keep)), token));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var timeline = new DemoTimeline(DemoTimeline.OpenConsole(), time);
        var ending = "every part of the story happened";
        using var patience = options.Once ? new CancellationTokenSource(DemoOptions.Patience, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await using var stage = new DemoStage(options, time);
        var story = new DemoStory(stage, timeline, time);
        try
        {
            await timeline.TellAsync(() => story.TellAsync(either.Token));
            timeline.Summary(story.Times);
        }
        catch (StageMissedException missed)
        {
            timeline.Missed(missed, story.NotReached);
            if (options.Once)
            {
                stage.KeepFolder();
                timeline.Note($"logs are in {stage.Folder}");
                return 1;
            }

            ending = "not every part of the story happened";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            timeline.Missed(new StageMissedException(story.Current, "there was no time left for it"), story.NotReached);
            stage.KeepFolder();
            timeline.Note($"logs are in {stage.Folder}");
            return 1;
        }

        timeline.Note(ending);
        if (!options.Once)
        {
            timeline.Note($"look around at {stage.Address}; Ctrl-C ends everything");
            await stage.WaitAsync(cancellationToken);
        }

        return 0;
    }
}
