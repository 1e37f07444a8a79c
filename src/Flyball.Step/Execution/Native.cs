using System.Runtime.InteropServices;

namespace Flyball.Step.Execution;

/// <summary>The calls of the C library this program makes. Numbers are those of Linux; glibc and musl agree on all of them.</summary>
/// <remarks>
/// The framework's own <c>Process</c> and <c>Socket</c> are not used: the one cannot hand a signal's or a missing command's fate
/// on exactly, the other costs more start-up time than the whole step may take.
/// </remarks>
internal static unsafe partial class Native
{
    internal const int Interrupted = 4;        // EINTR
    internal const int NotFound = 2;           // ENOENT
    internal const int InputOutput = 5;        // EIO: the last terminal on the other side has closed
    internal const int Again = 11;             // EAGAIN
    internal const int NotADirectory = 20;     // ENOTDIR
    internal const int TooManyLinks = 40;      // ELOOP
    internal const int NameTooLong = 36;       // ENAMETOOLONG
    internal const int InProgress = 115;       // EINPROGRESS

    internal const int SignalHangup = 1;
    internal const int SignalInterrupt = 2;
    internal const int SignalQuit = 3;
    internal const int SignalUser1 = 10;
    internal const int SignalUser2 = 12;
    internal const int SignalPipe = 13;
    internal const int SignalTerminate = 15;
    internal const int SignalChild = 17;
    internal const int SignalTerminalOutput = 22;

    internal const short PollIn = 1;
    internal const short PollOut = 4;
    internal const short PollError = 8;
    internal const short PollHangup = 16;

    internal const int CloseOnExec = 0x80000;  // O_CLOEXEC, SOCK_CLOEXEC
    internal const int NonBlocking = 0x800;    // O_NONBLOCK, SOCK_NONBLOCK
    internal const int ReadWrite = 2;
    internal const int NoControllingTerminal = 0x100;

    internal const int GetDescriptorFlags = 1; // F_GETFD
    internal const int GetStatusFlags = 3;     // F_GETFL
    internal const int SetStatusFlags = 4;     // F_SETFL
    internal const int SetPipeSize = 1031;     // F_SETPIPE_SZ

    internal const nuint GetWindowSize = 0x5413;
    internal const nuint SetWindowSize = 0x5414;

    internal const short SpawnSetSignalDefaults = 4;
    internal const short SpawnSetGroup = 2;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Seen;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    internal static partial int SpawnFromPath(int* pid, byte* file, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int InitFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    internal static partial int AddOpen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int DestroyFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int InitAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetSignalDefaults(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    internal static partial int SetGroup(void* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    internal static partial int EmptySet(void* set);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    internal static partial int AddToSet(void* set, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    internal static partial nint SetDisposition(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitForExit(int idKind, int id, void* info, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getpid")]
    internal static partial int GetPid();

    [LibraryImport("libc", EntryPoint = "getppid")]
    internal static partial int GetParentPid();

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    internal static partial int GetGroup();

    [LibraryImport("libc", EntryPoint = "setpgid")]
    internal static partial int SetGroupOf(int pid, int group);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    internal static partial int ForegroundGroup(int terminal);

    [LibraryImport("libc", EntryPoint = "isatty")]
    internal static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "ttyname_r")]
    internal static partial int TerminalName(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    internal static partial int OpenTerminalMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    internal static partial int GrantTerminal(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    internal static partial int UnlockTerminal(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    internal static partial int TerminalPath(int master, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    internal static partial int GetTerminalModes(int terminal, void* modes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    internal static partial int SetTerminalModes(int terminal, int when, void* modes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    internal static partial void MakeRaw(void* modes);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    internal static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int MakePipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    internal static partial int Control(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    internal static partial int DeviceControl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "readlink")]
    internal static partial nint ReadLink(byte* path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    internal static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    internal static partial int SetLimit(int resource, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "prlimit")]
    internal static partial int LimitOf(int pid, int resource, ulong* replacement, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void ExitNow(int code);

    [LibraryImport("libc", EntryPoint = "flock")]
    internal static partial int LockFile(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int OpenSocket(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(int socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(int socket, byte* buffer, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    internal static partial int GetSocketOption(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "getaddrinfo")]
    internal static partial int Resolve(byte* host, byte* service, void* hints, void** results);

    [LibraryImport("libc", EntryPoint = "freeaddrinfo")]
    internal static partial void FreeResolved(void* results);
}
