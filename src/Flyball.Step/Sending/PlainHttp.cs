using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Flyball.Step.Execution;

namespace Flyball.Step.Sending;

/// <summary>What became of a request.</summary>
/// <param name="Status">HTTP status; 0 when no answer came.</param>
/// <param name="Problem">Why none came; "" when one did.</param>
internal readonly record struct PostResult(int Status, string Problem)
{
    /// <summary>Whether the server has taken it over.</summary>
    public bool IsAccepted => Status is >= 200 and < 300;

    /// <summary>Whether sending the same again later makes sense: OTLP/HTTP, "retryable response codes", and no answer at all.</summary>
    /// <remarks>Denied access is repairable by whoever runs the server, so a span is kept for that, too.</remarks>
    public bool IsWorthRetrying => Status is 0 or 401 or 403 or 404 or 408 or 429 or >= 500;

    /// <inheritdoc />
    public override string ToString() => Status == 0 ? Problem : $"HTTP {Status}";
}

/// <summary>Time left for a series of calls.</summary>
internal readonly struct Deadline(TimeSpan budget)
{
    private readonly long _end = Stopwatch.GetTimestamp() + (long)(budget.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Milliseconds left; 0 when it has passed.</summary>
    public int LeftMilliseconds => (int)Math.Max(0, (_end - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);
}

/// <summary>Posts one small document over plain HTTP/1.1 on a socket of its own.</summary>
/// <remarks>
/// The framework's client would take some 60 ms to load and compile in a process that lives for moments. This one knows exactly
/// what it needs: one request, one status line, a deadline for everything.
/// </remarks>
internal static unsafe class PlainHttp
{
    private const int Stream = 1;
    private const int NoSignal = 0x4000;          // MSG_NOSIGNAL
    private const int SocketLevel = 1;            // SOL_SOCKET
    private const int SocketError = 4;            // SO_ERROR
    private const int Inet = 2;
    private const int Inet6 = 10;
    private const int MostHeadBytes = 4096;

    /// <summary>Posts JSON and waits for the status of the answer.</summary>
    public static PostResult Post(Endpoint endpoint, ReadOnlySpan<byte> body, Deadline deadline)
    {
        var socket = Connect(endpoint, deadline, out var problem);
        if (socket < 0)
        {
            return new PostResult(0, problem);
        }

        try
        {
            var head = Encoding.ASCII.GetBytes(
                $"POST {endpoint.Path} HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\nUser-Agent: flyball-step\r\n"
                + $"{endpoint.Headers}Connection: close\r\n\r\n");
            var message = new byte[head.Length + body.Length];
            head.CopyTo(message, 0);
            body.CopyTo(message.AsSpan(head.Length));
            return Send(socket, message, deadline) ? ReadStatus(socket, deadline) : new PostResult(0, "the server took too long to read");
        }
        finally
        {
            _ = Native.Close(socket);
        }
    }

    private static int Connect(Endpoint endpoint, Deadline deadline, out string problem)
    {
        if (TryParseV4(endpoint.Host, out var number))
        {
            return ConnectV4(number, endpoint.Port, deadline, out problem);
        }

        if (endpoint.Host is "localhost")
        {
            var first = ConnectV4(0x7f000001, endpoint.Port, deadline, out problem);
            return first >= 0 ? first : ConnectV6Loopback(endpoint.Port, deadline, out problem);
        }

        return ConnectResolved(endpoint, deadline, out problem);
    }

    // sockaddr_in: family in machine order, port and address in network order, eight bytes of nothing.
    private static int ConnectV4(uint address, int port, Deadline deadline, out string problem)
    {
        var bytes = stackalloc byte[16];
        new Span<byte>(bytes, 16).Clear();
        *(ushort*)bytes = Inet;
        bytes[2] = (byte)(port >> 8);
        bytes[3] = (byte)port;
        for (var i = 0; i < 4; i++)
        {
            bytes[4 + i] = (byte)(address >> (24 - (8 * i)));
        }

        return ConnectTo(Inet, bytes, 16, deadline, out problem);
    }

    private static int ConnectV6Loopback(int port, Deadline deadline, out string problem)
    {
        var bytes = stackalloc byte[28];
        new Span<byte>(bytes, 28).Clear();
        *(ushort*)bytes = Inet6;
        bytes[2] = (byte)(port >> 8);
        bytes[3] = (byte)port;
        bytes[23] = 1;
        return ConnectTo(Inet6, bytes, 28, deadline, out problem);
    }

    // addrinfo on 64-bit Linux: flags, family, socktype, protocol, addrlen (int each), padding, addr, canonname, next.
    private static int ConnectResolved(Endpoint endpoint, Deadline deadline, out string problem)
    {
        var hints = stackalloc int[12];
        new Span<int>(hints, 12).Clear();
        hints[2] = Stream;
        void* results;
        fixed (byte* host = Encoding.UTF8.GetBytes(endpoint.Host + "\0"), port = Encoding.ASCII.GetBytes(endpoint.Port + "\0"))
        {
            if (Native.Resolve(host, port, hints, &results) != 0)
            {
                problem = $"no address for {endpoint.Host}";
                return -1;
            }
        }

        problem = $"no address for {endpoint.Host}";
        var socket = -1;
        for (var entry = (byte*)results; entry != null && socket < 0; entry = *(byte**)(entry + 40))
        {
            socket = ConnectTo(*(int*)(entry + 4), *(byte**)(entry + 24), *(uint*)(entry + 16), deadline, out problem);
        }

        Native.FreeResolved(results);
        return socket;
    }

    private static int ConnectTo(int family, byte* address, uint length, Deadline deadline, out string problem)
    {
        var socket = Native.OpenSocket(family, Stream | Native.NonBlocking | Native.CloseOnExec, 0);
        if (socket < 0)
        {
            problem = "no socket";
            return -1;
        }

        problem = "nobody listens there";
        if (Native.Connect(socket, address, length) == 0)
        {
            return socket;
        }

        if (Marshal.GetLastPInvokeError() == Native.InProgress)
        {
            int error;
            uint size = sizeof(int);
            if (!WaitFor(socket, Native.PollOut, deadline))
            {
                problem = "the server took too long to answer";
            }
            else if (Native.GetSocketOption(socket, SocketLevel, SocketError, &error, &size) == 0 && error == 0)
            {
                return socket;
            }
        }

        _ = Native.Close(socket);
        return -1;
    }

    private static bool Send(int socket, ReadOnlySpan<byte> message, Deadline deadline)
    {
        fixed (byte* start = message)
        {
            var sent = 0;
            while (sent < message.Length)
            {
                var count = Native.Send(socket, start + sent, (nuint)(message.Length - sent), NoSignal);
                if (count >= 0)
                {
                    sent += (int)count;
                }
                else if (!MayGoOn(socket, Native.PollOut, deadline))
                {
                    // A server that answers early and closes (413, 503) still has something to say: read it.
                    return Marshal.GetLastPInvokeError() is not (Native.Again or Native.Interrupted) && sent > 0;
                }
            }
        }

        return true;
    }

    private static PostResult ReadStatus(int socket, Deadline deadline)
    {
        var buffer = stackalloc byte[MostHeadBytes];
        var length = 0;
        while (length < MostHeadBytes)
        {
            var head = new ReadOnlySpan<byte>(buffer, length);
            if (head.IndexOf("\r\n"u8) is var lineEnd and >= 0)
            {
                var status = StatusOf(head[..lineEnd]);
                if (status is not (>= 100 and < 200))
                {
                    return status == 0 ? new PostResult(0, "the answer is not HTTP") : new PostResult(status, "");
                }

                // 100 Continue and its kin: the real status follows their empty line.
                var blockEnd = head.IndexOf("\r\n\r\n"u8);
                if (blockEnd >= 0)
                {
                    head[(blockEnd + 4)..].CopyTo(new Span<byte>(buffer, MostHeadBytes));
                    length -= blockEnd + 4;
                    continue;
                }
            }

            var count = Native.Read(socket, buffer + length, (nuint)(MostHeadBytes - length));
            if (count == 0)
            {
                return new PostResult(0, "the server closed the connection without an answer");
            }

            if (count > 0)
            {
                length += (int)count;
            }
            else if (!MayGoOn(socket, Native.PollIn, deadline))
            {
                return new PostResult(0, "the server took too long to answer");
            }
        }

        return new PostResult(0, "the answer is not HTTP");
    }

    private static int StatusOf(ReadOnlySpan<byte> line) =>
        line.Length >= 12 && line.StartsWith("HTTP/1."u8) && line[8] == ' '
        && int.TryParse(line.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : 0;

    private static bool MayGoOn(int socket, short wanted, Deadline deadline)
    {
        var error = Marshal.GetLastPInvokeError();
        var goesOn = error == Native.Interrupted || (error == Native.Again && WaitFor(socket, wanted, deadline));
        Marshal.SetLastPInvokeError(error);
        return goesOn;
    }

    private static bool WaitFor(int socket, short wanted, Deadline deadline)
    {
        while (true)
        {
            var left = deadline.LeftMilliseconds;
            var entry = new Native.PollEntry { Descriptor = socket, Wanted = wanted };
            var ready = Native.Poll(&entry, 1, left);
            if (ready > 0)
            {
                return true;
            }

            if (ready == 0 || left == 0 || Marshal.GetLastPInvokeError() != Native.Interrupted)
            {
                return false;
            }
        }
    }

    private static bool TryParseV4(string text, out uint address)
    {
        address = 0;
        var parts = 0;
        var rest = text.AsSpan();
        while (true)
        {
            var dot = rest.IndexOf('.');
            var part = dot < 0 ? rest : rest[..dot];
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || ++parts > 4)
            {
                return false;
            }

            address = (address << 8) | value;
            if (dot < 0)
            {
                return parts == 4;
            }

            rest = rest[(dot + 1)..];
        }
    }
}
