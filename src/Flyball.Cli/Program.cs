using Flyball.Cli.Commands;

return await RootCommands.Create().Parse(args).InvokeAsync();
