namespace Flyball.Server.Hosting;

/// <summary>Keeps an unprotected server on loopback (architecture, decision 7).</summary>
internal static class ListenGuard
{
    /// <summary>Why the server must not start like this, or null.</summary>
    public static string? Refusal(IEnumerable<ListenAddress> addresses, bool accessConfigured, bool insecure)
    {
        var exposed = addresses.FirstOrDefault(a => !a.IsLoopback);
        if (exposed is null || accessConfigured || insecure)
        {
            return null;
        }

        return $"refusing to listen on {exposed.Address}:{exposed.Port}: whoever reaches it could read everything and run every action. "
            + $"Listen on this machine only (--listen 127.0.0.1:{exposed.Port}), or list who may come in under \"access\" in flyball.yml "
            + "(access: {tokens: [{name: ci, token_file: /path}]}), or say --insecure if everyone on that network may do everything";
    }
}
