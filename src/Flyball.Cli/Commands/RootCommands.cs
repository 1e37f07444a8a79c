using System.CommandLine;
using Flyball.Cli.Demo;

namespace Flyball.Cli.Commands;

/// <summary>The verbs of <c>flyball</c>.</summary>
internal static class RootCommands
{
    public static RootCommand Create() => new("Flyball closes the loop on software delivery: it sees every pipeline run, keeps, answers, warns, acts and can prove it.")
    {
        ServeCommand.Create(),
        DemoCommand.Create(),
        CheckCommand.Create(),
        TestCommand.Create(),
        QueryCommand.Create(),
        TsdbCommand.Create(),
        RunCommand.Create(),
        JournalCommand.Create(),
    };
}
