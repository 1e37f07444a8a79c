namespace Flyball.Bench.Peers.Queries;

/// <summary>The page cache of the machine; emptying it needs the rights of an administrator.</summary>
internal static class PageCache
{
    private const string Switch = "/proc/sys/vm/drop_caches";

    private static bool _said;

    public static void Drop()
    {
        try
        {
            File.WriteAllText(Switch, "1");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            if (!_said)
            {
                _said = true;
                Console.Error.WriteLine($"{Switch} cannot be written ({e.Message}): cold figures are those of a fresh process with a filled page cache");
            }
        }
    }
}
