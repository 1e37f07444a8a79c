namespace Flyball.Cli.Commands;

/// <summary>A bar on standard error that is drawn over itself; plain lines where nobody looks at a terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int Width = 30;

    private bool _drawn;

    /// <summary>Draws how far it is.</summary>
    /// <param name="total">At least 1.</param>
    public void Show(int done, int total, string what)
    {
        if (System.Console.IsErrorRedirected)
        {
            System.Console.Error.WriteLine($"{done}/{total} {what}");
            return;
        }

        var filled = Width * done / Math.Max(total, 1);
        // Carriage return, then clear what was longer before.
        System.Console.Error.Write($"\r[{new string('#', filled)}{new string('.', Width - filled)}] {done}/{total} {what}\e[K");
        _drawn = true;
    }

    /// <summary>Leaves the bar as it is and goes on below.</summary>
    public void End()
    {
        if (_drawn)
        {
            System.Console.Error.WriteLine();
        }

        _drawn = false;
    }

    public void Dispose() => End();
}
