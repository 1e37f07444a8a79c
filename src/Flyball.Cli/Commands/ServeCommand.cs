using System.CommandLine;
using System.Runtime.InteropServices;
using Flyball.Server;
using Flyball.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball serve</c>: the server, until SIGTERM or Ctrl-C; SIGHUP reloads.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config", "--config.file") { Description = "flyball.yml or prometheus.yml; built-in defaults without it" };
        var data = new Option<string>("--data", "--storage.tsdb.path") { Description = "Folder of everything durable", DefaultValueFactory = _ => "data" };
        var listen = new Option<string?>("--listen", "--web.listen-address") { Description = "Main address (default: the configuration's, else 127.0.0.1:9090)" };
        var grpc = new Option<string?>("--otlp-grpc") { Description = "OTLP over gRPC, or none (default: 127.0.0.1:4317)" };
        var http = new Option<string?>("--otlp-http") { Description = "OTLP over HTTP, or none (default: 127.0.0.1:4318)" };
        var insecure = new Option<bool>("--insecure") { Description = "Listen beyond this machine without access control" };
        var command = new Command("serve", "Run the server; takes the flags of prometheus too") { config, data, listen, grpc, http, insecure };
        var flags = new ServeFlags(command);
        command.Runs((result, token) =>
        {
            var options = new ServerOptions
            {
                ConfigFile = result.GetValue(config),
                DataDirectory = Path.GetFullPath(result.GetRequiredValue(data)),
                Listen = ParseListen(result.GetValue(listen)),
                OtlpGrpc = result.GetValue(grpc),
                OtlpHttp = result.GetValue(http),
                Insecure = result.GetValue(insecure),
            };
            return ServeAsync(ServeFlags.Apply(options, flags.Read(result)), token);
        });
        return command;
    }

    private static ListenAddress? ParseListen(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return ListenAddress.TryParse(text, out var address, out var error) && address is not null
            ? address
            : throw new CommandException(error.Length > 0 ? error : "the main address cannot be none");
    }

    private static async Task<int> ServeAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var level = ServeFlags.Level(options.GivenFlags);
        var json = ServeFlags.IsJson(options.GivenFlags);
        using var logs = LoggerFactory.Create(builder => Log(builder, level, json));
        foreach (var warning in ServeFlags.WithoutEffect(options.GivenFlags))
        {
            await System.Console.Error.WriteLineAsync("flyball: " + warning);
        }

        try
        {
            await using var server = await FlyballServer.StartAsync(options, logs, cancellationToken);
            System.Console.WriteLine($"Flyball is ready: {server.Address}");
            await WaitForSignalAsync(server, cancellationToken);
            return 0;
        }
        catch (ServerStartException e)
        {
            throw new CommandException(e.Message);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new CommandException($"{e.Message.TrimEnd('.')}: another program listens there; choose other addresses with --listen, --otlp-grpc and --otlp-http (or none)");
        }
        catch (IOException e)
        {
            throw new CommandException(e.Message);
        }
    }

    // Standard output is for what was asked for; what happens on the way goes to standard error.
    private static void Log(ILoggingBuilder builder, LogLevel level, bool asJson)
    {
        builder.SetMinimumLevel(level);
        builder.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("Microsoft.Hosting", LogLevel.Warning);
        if (asJson)
        {
            builder.AddJsonConsole(console =>
            {
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            });
        }

        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static async Task WaitForSignalAsync(FlyballServer server, CancellationToken cancellationToken)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancelled = cancellationToken.Register(() => stop.TrySetResult());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = server.ReloadAsync(CancellationToken.None);
        });
        await Task.WhenAny(stop.Task, server.StopRequested);
    }
}
