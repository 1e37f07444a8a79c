using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("password: hunter2", "password: <secret>")]
    [InlineData("  - password: hunter2", "  - password: <secret>")]
    [InlineData("basic_auth: {username: a, password: hunter2}", "basic_auth: {username: a, password: <secret>}")]
    [InlineData("basic_auth: {password: hunter2, username: a}", "basic_auth: {password: <secret>, username: a}")]
    [InlineData("password_file: /etc/x", "password_file: /etc/x")]
    [InlineData("routing_key: |\n  abc\n  def\nnext: 1", "routing_key: <secret>\nnext: 1")]
    [InlineData("secrets:\n  - a\n  - b\nnext: 1", "secrets: <secret>\nnext: 1")]
    [InlineData("job_name: x\nscheme: http", "job_name: x\nscheme: http")]
    public void Secrets_are_hidden_and_the_rest_is_shown_as_written(string yaml, string expected) =>
        Assert.Equal(expected, SecretMask.Mask(yaml));
}
