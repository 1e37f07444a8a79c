using System.Runtime.InteropServices;
using System.Text;

namespace Flyball.Actions.Executors;

/// <summary>The calls of the C library that start a process group of its own, wait for it and end it.</summary>
/// <remarks>
/// The framework's <c>Process</c> starts children in our own group, and ends a tree by walking parents: a grandchild whose parent has
/// ended is not found. A group is ended by one call. Numbers are those of Linux.
/// </remarks>
internal static unsafe partial class ProcessCalls
{
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;

    private const int Interrupted = 4;
    private const int CloseOnExec = 0x80000;
    private const int ByProcessId = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x01000000;
    private const short SetGroupFlag = 2;
    private const short SetSignalDefaultsFlag = 4;
    private const short SetSignalMaskFlag = 8;

    // The C library's own types are 336, 80 and 128 bytes on 64-bit Linux.
    private const int OpaqueSize = 512;

    /// <summary>Makes a pipe; neither end is inherited by accident.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return MakePipe(ends, CloseOnExec) == 0
            ? (ends[0], ends[1])
            : throw new IOException($"no pipe can be made: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Starts a program at the head of a group of its own, with nothing to read and one pipe for all it writes.</summary>
    /// <returns>Its process id, or 0 with the system's error number.</returns>
    public static int Spawn(IReadOnlyList<string> argv, IReadOnlyList<string> environment, string? folder, int output, out int error)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[128];
        _ = InitFileActions(actions);
        _ = InitAttributes(attributes);
        fixed (byte* nothing = "/dev/null\0"u8)
        {
            _ = AddOpen(actions, 0, nothing, 0, 0);
        }

        _ = AddDuplicate(actions, output, 1);
        _ = AddDuplicate(actions, output, 2);
        _ = SetGroup(attributes, 0);
        _ = EmptySet(signals);
        _ = SetSignalMask(attributes, signals);
        _ = FillSet(signals);
        _ = SetSignalDefaults(attributes, signals);
        _ = SetFlags(attributes, SetGroupFlag | SetSignalDefaultsFlag | SetSignalMaskFlag);

        var strings = new List<nint>();
        try
        {
            if (folder is not null)
            {
                _ = AddChangeFolder(actions, (byte*)Copy(folder, strings));
            }

            var arguments = stackalloc byte*[argv.Count + 1];
            var variables = stackalloc byte*[environment.Count + 1];
            Fill(arguments, argv, strings);
            Fill(variables, environment, strings);
            int pid;
            error = SpawnFromPath(&pid, arguments[0], actions, attributes, arguments, variables);
            return error == 0 ? pid : 0;
        }
        finally
        {
            strings.ForEach(Marshal.FreeHGlobal);
            _ = DestroyFileActions(actions);
            _ = DestroyAttributes(attributes);
        }
    }

    /// <summary>Waits until the process has ended and leaves it a zombie, so that its id (and its group's) stays its own.</summary>
    /// <returns>Exit code; 128 + signal when one ended it.</returns>
    public static int WaitWithoutReaping(int pid) => Wait(pid, Exited | LeaveWaitable);

    /// <summary>Takes the zombie away; its group must not be signalled from here on.</summary>
    public static void Reap(int pid) => Wait(pid, Exited);

    /// <summary>Signals every process of a group.</summary>
    public static void SignalGroup(int group, int signal) => _ = Kill(-group, signal);

    /// <summary>The system's words for an error number.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static int Wait(int pid, int options)
    {
        // siginfo_t: si_code at 8, si_status at 24 on 64-bit Linux.
        var info = stackalloc byte[128];
        while (WaitForExit(ByProcessId, pid, info, options) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                return 255;
            }
        }

        var code = *(int*)(info + 8);
        var status = *(int*)(info + 24);
        return code == 1 ? status : 128 + status;
    }

    private static void Fill(byte** pointers, IReadOnlyList<string> texts, List<nint> strings)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            pointers[i] = (byte*)Copy(texts[i], strings);
        }

        pointers[texts.Count] = null;
    }

    private static nint Copy(string text, List<nint> strings)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var copy = Marshal.AllocHGlobal(bytes.Length + 1);
        strings.Add(copy);
        Marshal.Copy(bytes, 0, copy, bytes.Length);
        ((byte*)copy)[bytes.Length] = 0;
        return copy;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SpawnFromPath(int* pid, byte* file, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int InitFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AddOpen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AddChangeFolder(void* actions, byte* path);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DestroyFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int InitAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetGroup(void* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSignalDefaults(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSignalMask(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EmptySet(void* set);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FillSet(void* set);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int WaitForExit(int idKind, int id, void* info, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakePipe(int* ends, int flags);
}
