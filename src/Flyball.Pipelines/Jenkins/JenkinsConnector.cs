using System.Text.Json;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Takes what Jenkins' Notification plugin sends.</summary>
/// <remarks>The plugin signs nothing; a token in the address, or a password in it (which arrives as Basic authorization), is the proof it can carry.</remarks>
internal sealed class JenkinsConnector(Func<IReadOnlyList<string>> tokens) : IConnector
{
    public string System => JenkinsFacts.System;

    public HookVerdict Read(HookRequest request)
    {
        if (!SharedSecret.Accepts(tokens(), request.Query["token"].ToString(), request.Header("Authorization")))
        {
            return HookVerdict.Unauthorized("the notification's address needs ?token=… or a password that is one of the configured tokens");
        }

        using var document = Json.Parse(request.Body, out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        return document.RootElement.At("build").ValueKind != JsonValueKind.Object
            ? HookVerdict.Malformed("a notification of Jenkins has a \"build\" object")
            : JenkinsFacts.Read(document.RootElement, request.ReceivedAt) is { } facts
                ? new HookVerdict.Facts(facts)
                : new HookVerdict.Refused(
                    StatusCodes.Status422UnprocessableEntity, "no_identity", "the build has no full_url and number; set Jenkins' own address in its settings");
    }
}
