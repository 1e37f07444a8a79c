namespace Flyball.Step.Sending;

/// <summary>Gets documents to the server, or into the spool, within a fixed time and without ever failing the step.</summary>
/// <param name="spoolFolder">Where what was not taken waits; null = nowhere.</param>
internal sealed class Delivery(Endpoints endpoints, string? spoolFolder, Action<string> say)
{
    /// <summary>Longest a step waits for the server to take its span.</summary>
    public static readonly TimeSpan SpanBudget = TimeSpan.FromSeconds(1);

    /// <summary>Longest a step spends on what earlier steps left.</summary>
    public static readonly TimeSpan ResendBudget = TimeSpan.FromSeconds(1);

    /// <summary>Longest a step spends on the reports of its tests, all of them together.</summary>
    public static readonly TimeSpan ReportsBudget = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnnouncementBudget = TimeSpan.FromSeconds(1);

    /// <summary>Tells that the step has started. Whether it arrives does not matter: the span will.</summary>
    public void Announce(byte[] document)
    {
        if (endpoints.Started is { } endpoint)
        {
            var result = Post(endpoint, document, new Deadline(AnnouncementBudget));
            say($"announced to {endpoint}: {result}");
        }
    }

    /// <summary>Sends spans, and then what is left of earlier steps.</summary>
    /// <returns>Whether the server took them.</returns>
    public bool Send(byte[] document, long now) => Send(endpoints.Traces, document, "span", now);

    /// <summary>Sends metrics.</summary>
    /// <returns>Whether the server took them.</returns>
    public bool SendMetrics(byte[] document, long now) => Send(endpoints.Metrics, document, "metrics", now);

    private bool Send(Endpoint? to, byte[] document, string what, long now)
    {
        if (to is not { } endpoint)
        {
            say($"the server's address is neither http:// nor https://; the {what} is lost");
            return false;
        }

        var result = Post(endpoint, document, new Deadline(SpanBudget));
        say($"sent the {what} to {endpoint}: {result}");
        if (result.IsAccepted)
        {
            Resend();
        }
        else if (result.IsWorthRetrying && SpoolOf(endpoint) is { } spool)
        {
            var problem = spool.TryKeep(document, now);
            say(problem is null ? "kept it for the next step to send" : $"could not keep it: {problem}");
        }

        return result.IsAccepted;
    }

    private void Resend()
    {
        var deadline = new Deadline(ResendBudget);
        foreach (var (endpoint, what) in ((Endpoint?, string)[])[(endpoints.Traces, "spans"), (endpoints.Metrics, "metrics")])
        {
            var sent = endpoint is null ? 0 : SpoolOf(endpoint)?.Resend((waiting, left) => Post(endpoint, waiting, left), deadline) ?? 0;
            if (sent > 0)
            {
                say($"sent {sent} earlier {what}");
            }
        }
    }

    private Spool? SpoolOf(Endpoint endpoint) => spoolFolder is null ? null : new Spool(spoolFolder, endpoint.ToString());

    /// <summary>Sends the files with the results of tests. What does not arrive is lost: the files stay where they are.</summary>
    /// <param name="address">Path and query below the server's root.</param>
    public void SendReports(IEnumerable<string> files, string address)
    {
        if (endpoints.Started is not { } known)
        {
            say("--junit needs Flyball's address: set --server or FLYBALL_SERVER");
            return;
        }

        var endpoint = known with { Path = known.Path[..^Endpoints.StartedPath.Length] + address };
        var deadline = new Deadline(ReportsBudget);
        foreach (var file in files)
        {
            try
            {
                say($"sent {file}: {Post(endpoint, File.ReadAllBytes(file), deadline)}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                say($"could not read {file}: {e.Message}");
            }
        }
    }

    private static PostResult Post(Endpoint endpoint, byte[] document, Deadline deadline) =>
        endpoint.IsSecure ? SecureHttp.Post(endpoint, document, deadline) : PlainHttp.Post(endpoint, document, deadline);
}
