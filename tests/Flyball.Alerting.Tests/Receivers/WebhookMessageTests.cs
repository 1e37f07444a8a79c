using System.Text;
using System.Text.Json;
using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing;
using Flyball.Model.Labels;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Receivers;

public sealed class WebhookMessageTests
{
    [Fact]
    public void Messages_are_byte_for_byte_those_Alertmanager_sent()
    {
        foreach (var line in File.ReadLines(SharedData.Require("conformance/http/alertmanager-0.25-webhook.jsonl")))
        {
            using var capture = JsonDocument.Parse(line);
            var body = capture.RootElement.GetProperty("body").GetString()!;
            using var message = JsonDocument.Parse(body);

            // The framework's times end at 100 ns; Go's at 1 ns.
            var expected = body.Replace("59662Z", "5966Z", StringComparison.Ordinal);
            Assert.Equal(expected, Encoding.UTF8.GetString(WebhookMessage.Write(Rebuild(message.RootElement), maxAlerts: 0)));
        }
    }

    [Fact]
    public void Alerts_beyond_the_limit_are_counted()
    {
        var alerts = Enumerable.Range(0, 3).Select(i => new NotifiedAlert(LabelSet.Of(("n", i.ToString())), LabelSet.Empty, DateTimeOffset.UnixEpoch, null)).ToArray();
        using var message = JsonDocument.Parse(WebhookMessage.Write(Notify(alerts), maxAlerts: 1));
        Assert.Equal(1, message.RootElement.GetProperty("alerts").GetArrayLength());
        Assert.Equal(2, message.RootElement.GetProperty("truncatedAlerts").GetInt32());
    }

    private static Notification Notify(IReadOnlyList<NotifiedAlert> alerts) => new()
    {
        Receiver = "r", GroupKey = "{}:{}", GroupLabels = LabelSet.Empty, ExternalUrl = "http://x", Alerts = alerts,
    };

    private static Notification Rebuild(JsonElement message) => Notify([.. message.GetProperty("alerts").EnumerateArray().Select(Alert)]) with
    {
        Receiver = message.GetProperty("receiver").GetString()!,
        GroupKey = message.GetProperty("groupKey").GetString()!,
        GroupLabels = Labels(message.GetProperty("groupLabels")),
        ExternalUrl = message.GetProperty("externalURL").GetString()!,
    };

    private static NotifiedAlert Alert(JsonElement alert)
    {
        var labels = Labels(alert.GetProperty("labels"));
        var fingerprint = AlertFingerprint.Of(labels);
        Assert.Equal(alert.GetProperty("fingerprint").GetString(), AlertFingerprint.ToText(fingerprint));
        return new NotifiedAlert(
            labels,
            Labels(alert.GetProperty("annotations")),
            alert.GetProperty("startsAt").GetDateTimeOffset(),
            alert.GetProperty("status").GetString() == "resolved" ? alert.GetProperty("endsAt").GetDateTimeOffset() : null)
        {
            GeneratorUrl = alert.GetProperty("generatorURL").GetString()!,
            Fingerprint = fingerprint,
        };
    }

    private static LabelSet Labels(JsonElement labels) => LabelSet.Of([.. labels.EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))]);
}
