namespace Flyball.Step.Sending;

/// <summary>Gets documents to the server, or into the spool, within a fixed time and without ever failing the step.</summary>
internal sealed class Delivery(Endpoints endpoints, Spool? spool, Action<string> say)
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

    /// <summary>Sends the span, and then what is left of earlier ones.</summary>
    public void Send(byte[] document, long now)
    {
        if (endpoints.Traces is not { } endpoint)
        {
            say("the server's address is neither http:// nor https://; the span is lost");
            return;
        }

        var result = Post(endpoint, document, new Deadline(SpanBudget));
        say($"sent the span to {endpoint}: {result}");
        if (result.IsAccepted)
        {
            var sent = spool?.Resend((waiting, deadline) => Post(endpoint, waiting, deadline), new Deadline(ResendBudget)) ?? 0;
            if (sent > 0)
            {
                say($"sent {sent} earlier spans");
            }
        }
        else if (result.IsWorthRetrying && spool is not null)
        {
            var problem = spool.TryKeep(document, now);
            say(problem is null ? "kept it for the next step to send" : $"could not keep it: {problem}");
        }
    }

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
