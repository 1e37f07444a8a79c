namespace Flyball.Testing.Files;

/// <summary>The disk in memory is gone: the machine or the process has crashed as the test ordered.</summary>
public sealed class SimulatedCrashException() : IOException("simulated crash");
