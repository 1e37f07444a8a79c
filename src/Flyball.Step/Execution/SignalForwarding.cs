using System.Runtime.InteropServices;

namespace Flyball.Step.Execution;

/// <summary>Hands signals sent to this process on to the child, each once.</summary>
/// <remarks>
/// The kernel sends a terminal's Ctrl-C, and CI agents send their TERM and KILL, to a whole process group; a child that sees the
/// same signal twice often takes the second for "now, at once". Therefore the child stays in the group both were started in, and
/// this process leaves it (see <see cref="LeaveGroup"/>): what is sent to the group reaches the child directly, what is sent to
/// this process is forwarded. docs/decisions/0701-step-signals.md has the alternatives.
/// </remarks>
internal sealed class SignalForwarding : IDisposable
{
    private static readonly int[] Forwarded =
    [
        Native.SignalHangup, Native.SignalInterrupt, Native.SignalQuit, Native.SignalTerminate,
        Native.SignalUser1, Native.SignalUser2,
    ];

    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<int> _early = [];
    private int _child;
    private readonly bool _ledGroup;
    private bool _over;

    /// <summary>Starts to catch signals; those that come before there is a child wait for it.</summary>
    public SignalForwarding(InheritedSignals inherited)
    {
        var group = Native.GetGroup();
        _ledGroup = group == Native.GetPid();

        // Changes nothing, but has the call compiled before it is urgent: see LeaveGroup.
        _ = Native.SetGroupOf(0, group);
        foreach (var signal in Forwarded)
        {
            // A handler would undo "ignored" for the child, too: exec resets handlers, but keeps what is ignored.
            if (!inherited.WasIgnored(signal))
            {
                var number = signal;
                _registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
                {
                    context.Cancel = true;
                    OnSignal(number);
                }));
            }
        }
    }

    /// <summary>The last signal of the kind that asks to end; 0 if none came.</summary>
    public int LastEnding { get; private set; }

    /// <summary>Moves this process out of the group it shares with the child, where it does not lead it.</summary>
    /// <remarks>
    /// <para>A leader cannot leave: it is a job of an interactive shell, or an agent gave it a group of its own. In the first case
    /// the terminal is the one who sends INT and QUIT, to both, and they are not forwarded.</para>
    /// <para>To be called as soon as there is a child. Before that, a signal to the group would reach nobody; long after, the
    /// child would get it twice.</para>
    /// </remarks>
    public void LeaveGroup()
    {
        if (!_ledGroup)
        {
            _ = Native.SetGroupOf(0, 0);
        }
    }

    /// <summary>Names the child and sends it what came before it was there.</summary>
    public void Attach(int child)
    {
        lock (_gate)
        {
            _child = child;
            foreach (var signal in _early)
            {
                _ = Native.Kill(child, signal);
            }

            _early.Clear();
        }
    }

    /// <summary>The child has ended: its id may soon be somebody else's.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _over = true;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void OnSignal(int signal)
    {
        lock (_gate)
        {
            if (signal is not (Native.SignalUser1 or Native.SignalUser2))
            {
                LastEnding = signal;
            }

            if (_over || (_ledGroup && signal is Native.SignalInterrupt or Native.SignalQuit && IsInForeground()))
            {
                return;
            }

            if (_child == 0)
            {
                _early.Add(signal);
            }
            else
            {
                _ = Native.Kill(_child, signal);
            }
        }
    }

    private static bool IsInForeground()
    {
        var group = Native.GetGroup();
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (Native.ForegroundGroup(descriptor) == group)
            {
                return true;
            }
        }

        return false;
    }
}
