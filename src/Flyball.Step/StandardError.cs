using System.Text;
using Flyball.Step.Execution;

namespace Flyball.Step;

/// <summary>The few words this program says itself. The console classes would set up a terminal it must not touch.</summary>
internal static unsafe class StandardError
{
    /// <summary>Says a line under the program's name.</summary>
    public static void Say(string line) => Write($"flyball-step: {line}\n", toOutput: false);

    /// <summary>Writes text as it is.</summary>
    public static void Write(string text, bool toOutput)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            _ = Native.Write(toOutput ? 1 : 2, start, (nuint)bytes.Length);
        }
    }
}

/// <summary>Words for the errors a command's start can meet.</summary>
internal static class ErrorText
{
    /// <summary>The error as people know it.</summary>
    public static string Of(int error) => error switch
    {
        1 => "operation not permitted",
        7 => "argument list too long",
        8 => "not a program this system can run",
        11 => "no process left; try again",
        12 => "out of memory",
        13 => "permission denied",
        20 => "not a folder on the way",
        26 => "the file is being written",
        36 => "name too long",
        40 => "too many symbolic links",
        _ => $"error {error}",
    };
}
