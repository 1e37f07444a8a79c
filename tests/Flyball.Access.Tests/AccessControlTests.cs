using Microsoft.AspNetCore.Http;

namespace Flyball.Access.Tests;

public sealed class AccessControlTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flyball-access-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("GET", "/api/v1/query", "viewer-secret", 200)]
    [InlineData("POST", "/api/v1/query_range", "viewer-secret", 200)]
    [InlineData("POST", "/v1/traces", "viewer-secret", 403)]
    [InlineData("POST", "/v1/traces", "sender-secret", 200)]
    [InlineData("POST", "/hooks/tekton", "sender-secret", 200)]
    [InlineData("POST", "/-/reload", "sender-secret", 403)]
    [InlineData("POST", "/-/reload", "operator-secret", 200)]
    [InlineData("DELETE", "/api/v2/silence/x", "operator-secret", 200)]
    [InlineData("GET", "/", "wrong", 401)]
    [InlineData("GET", "/", null, 401)]
    [InlineData("GET", "/-/ready", null, 200)]
    public void Roles_decide_by_what_a_request_does(string method, string path, string? secret, int expected)
    {
        var access = new AccessControl(Config());
        Assert.Equal(expected, access.Check(Request(method, path, secret), out _));
    }

    [Fact]
    public void Callers_are_named_after_their_token()
    {
        new AccessControl(Config()).Check(Request("GET", "/", "viewer-secret"), out var caller);
        Assert.Equal("viewer", caller);
    }

    [Fact]
    public void Changed_file_replaces_the_secret_and_a_missing_one_lets_nobody_in()
    {
        var config = Config();
        var access = new AccessControl(config);
        var file = config.Tokens[0].File;
        Assert.Equal(200, access.Check(Request("GET", "/", "viewer-secret"), out _));

        File.WriteAllText(file, "next");
        File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(401, access.Check(Request("GET", "/", "viewer-secret"), out _));
        Assert.Equal(200, access.Check(Request("GET", "/", "next"), out _));

        File.Delete(file);
        Assert.Equal(401, access.Check(Request("GET", "/", "next"), out _));
    }

    [Fact]
    public void Empty_token_file_is_no_password()
    {
        var config = Config();
        File.WriteAllText(config.Tokens[0].File, " \n");
        Assert.Equal(401, new AccessControl(config).Check(Request("GET", "/", ""), out _));
    }

    [Fact]
    public void Reload_cannot_switch_access_control_off() =>
        Assert.Throws<InvalidOperationException>(() => new AccessControl(Config()).Apply(AccessConfig.Open));

    private AccessConfig Config()
    {
        var tokens = new List<AccessToken>();
        foreach (var role in Enum.GetValues<AccessRole>())
        {
            var name = role.ToString().ToLowerInvariant();
            var file = Path.Combine(_folder.FullName, name);
            File.WriteAllText(file, name + "-secret\n");
            tokens.Add(new AccessToken(name, file, role));
        }

        return new AccessConfig(tokens);
    }

    private static HttpRequest Request(string method, string path, string? secret)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        if (secret is not null)
        {
            context.Request.Headers.Authorization = "Bearer " + secret;
        }

        return context.Request;
    }
}
