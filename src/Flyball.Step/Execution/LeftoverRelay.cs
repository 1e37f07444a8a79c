namespace Flyball.Step.Execution;

/// <summary>Takes over the tap when the child has ended but left a process behind that still writes into it.</summary>
/// <remarks>
/// Without a wrapper such a process goes on writing to the terminal or log it inherited. If we just ended, its next write would
/// kill it with SIGPIPE; if we stayed, the step would never end. So a <c>cat</c> stays in our place.
/// </remarks>
internal static class LeftoverRelay
{
    /// <summary>Starts the relay; does nothing where there is no <c>cat</c>.</summary>
    public static unsafe void Start(int source, InheritedSignals signals, ProcessImage image)
    {
        fixed (byte* path = "/dev/null\0"u8)
        {
            // Its own complaints (a closed terminal reads as an error) are nobody's business. Order matters below: standard
            // error is still the target when it becomes the relay's standard output.
            var nowhere = Native.Open(path, Native.ReadWrite | Native.CloseOnExec, 0);
            _ = ChildProcess.Start(
                [[.. "cat"u8]],
                image.WithVariables(new Dictionary<string, string>()),
                nowhere < 0 ? [(source, 0), (2, 1)] : [(source, 0), (2, 1), (nowhere, 2)],
                signals,
                out _);
        }
    }
}
