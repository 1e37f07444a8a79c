using System.Diagnostics;
using System.Text;

namespace Flyball.Step.Tests;

/// <summary>Runs the real flyball-step.</summary>
internal sealed class StepProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private StepProcess(Process process) => _process = process;

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "flyball-step");

    public int Pid => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts a step, by default without a server and with a spool of its own.</summary>
    public static StepProcess Start(StepSettings settings, params string[] arguments) =>
        StartProgram(Executable, settings, arguments);

    /// <summary>Starts any program with the settings of a step.</summary>
    public static StepProcess StartProgram(string program, StepSettings settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = settings.Folder,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "DOTNET_ROOT", "HOME"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["FLYBALL_SERVER"] = settings.Server;
        start.Environment["FLYBALL_SPOOL"] = Path.Combine(settings.Folder, "spool");
        foreach (var (name, value) in settings.Variables)
        {
            start.Environment[name] = value;
        }

        return new StepProcess(Process.Start(start)!);
    }

    /// <summary>Runs a step to its end.</summary>
    public static async Task<StepResult> RunAsync(StepSettings settings, params string[] arguments)
    {
        using var step = Start(settings, arguments);
        return await step.FinishAsync();
    }

    /// <summary>Runs a shell script in which <c>$STEP</c> is the step.</summary>
    public static async Task<StepResult> RunScriptAsync(StepSettings settings, string script)
    {
        using var shell = StartProgram("/bin/sh", settings with { Variables = [.. settings.Variables, ("STEP", Executable)] }, "-c", script);
        return await shell.FinishAsync();
    }

    /// <summary>Closes its input, reads everything and waits for its end.</summary>
    public async Task<StepResult> FinishAsync(byte[]? input = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var output = new MemoryStream();
        var error = new MemoryStream();
        var reading = Task.WhenAll(
            _process.StandardOutput.BaseStream.CopyToAsync(output, patience.Token),
            _process.StandardError.BaseStream.CopyToAsync(error, patience.Token));
        if (input is not null)
        {
            await Input.WriteAsync(input, patience.Token);
        }

        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await reading;
        }
        catch (OperationCanceledException cause)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException("the step did not end", cause);
        }

        return new StepResult(_process.ExitCode, output.ToArray(), error.ToArray());
    }

    public void Dispose() => _process.Dispose();
}

/// <summary>How to run a step.</summary>
internal sealed record StepSettings(string Folder, string Server = "none:")
{
    public (string Name, string Value)[] Variables { get; init; } = [];
}

/// <summary>What came of it.</summary>
internal sealed record StepResult(int ExitCode, byte[] OutputBytes, byte[] ErrorBytes)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string Error => Encoding.UTF8.GetString(ErrorBytes);
}

/// <summary>A folder that is gone after the test.</summary>
public abstract class FolderTest : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("flyball-step-").FullName;

    internal StepSettings Quiet => new(Folder);

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
