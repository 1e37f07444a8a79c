using System.CommandLine;
using Flyball.Cli.Commands;

// Stopping a server drains it: the framework must not end the process while that takes its time.
var patience = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await RootCommands.Create().Parse(args).InvokeAsync(patience);
