using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Flyball.Bench.Density;

/// <summary>The same samples in a real VictoriaMetrics, merged as far as it goes.</summary>
internal static class Victoria
{
    public static async Task<long> SizeOfAsync(Fleet fleet, string program, string folder)
    {
        var port = FreePort();
        using var server = Process.Start(new ProcessStartInfo(
            program, ["-storageDataPath=" + folder, $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR"]))!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) };
            await ReadyAsync(http);
            foreach (var lines in fleet.Lines.Chunk(20))
            {
                using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Text(lines)));
                body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
                (await http.PostAsync(new Uri("/api/v1/import/prometheus", UriKind.Relative), body)).EnsureSuccessStatusCode();
            }

            await http.GetStringAsync(new Uri("/internal/force_flush", UriKind.Relative));
            await http.GetStringAsync(new Uri("/internal/force_merge", UriKind.Relative));
            await Task.Delay(TimeSpan.FromSeconds(8));
        }
        finally
        {
            using var kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]);
            await server.WaitForExitAsync();
        }

        long data = 0, index = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.FullName.Contains("/indexdb/", StringComparison.Ordinal))
            {
                index += file.Length;
            }
            else if (file.FullName.Contains("/data/", StringComparison.Ordinal))
            {
                data += file.Length;
            }
        }

        Console.WriteLine($"  VictoriaMetrics data {data:N0}, index {index:N0} bytes");
        return data + index;
    }

    private static string Text(Line[] lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            var name = new StringBuilder(line.Family).Append('{');
            foreach (var label in line.Labels)
            {
                if (label.NameText != "__name__")
                {
                    name.Append(label.NameText).Append("=\"").Append(label.ValueText).Append("\",");
                }
            }

            name.Append("} ");
            for (var i = 0; i < line.Values.Length; i++)
            {
                text.Append(name).Append(line.Values[i].ToString("R", CultureInfo.InvariantCulture)).Append(' ').Append(line.TimesMs[i]).Append('\n');
            }
        }

        return text.ToString();
    }

    private static async Task ReadyAsync(HttpClient http)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                await http.GetStringAsync(new Uri("/health", UriKind.Relative));
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }

        throw new TimeoutException("VictoriaMetrics did not answer within ten seconds");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
