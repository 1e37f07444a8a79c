using Flyball.Step.Tail;

namespace Flyball.Step.Tests.Tail;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("GITHUB_TOKEN", true)]
    [InlineData("DB_PASSWORD", true)]
    [InlineData("db_password_file", true)]
    [InlineData("CLIENT_SECRET", true)]
    [InlineData("SSH_KEY", true)]
    [InlineData("AWS_SECRET_ACCESS_KEY", true)]
    [InlineData("NPM_AUTH", true)]
    [InlineData("SENTRY_DSN", true)]
    [InlineData("BUILDKITE_AGENT_ACCESS_TOKEN", true)]
    [InlineData("PATH", false)]
    [InlineData("KEYBOARD", false)]
    [InlineData("BUILDKITE_STEP_KEY_NAME", false)]
    [InlineData("GIT_AUTHOR_NAME", false)]
    public void Names_tell_what_is_secret(string name, bool secret) => Assert.Equal(secret, SecretMask.LooksSecret(name));

    [Theory]
    [InlineData("sesame", "open sesame now", "open *** now")]
    [InlineData("abc", "abc is too short to be one", "abc is too short to be one")]
    [InlineData("a b&c", "url ?x=a%20b%26c", "url ?x=***")]
    [InlineData("sesame", "basic c2VzYW1l", "basic ***")]
    public void Values_are_masked_wherever_they_stand(string value, string text, string masked) =>
        Assert.Equal(masked, new SecretMask(new Dictionary<string, string> { ["X_TOKEN"] = value }).Apply(text));

    [Fact]
    public void The_longer_of_two_nested_secrets_goes_first()
    {
        var mask = new SecretMask(new Dictionary<string, string> { ["A_TOKEN"] = "inner", ["B_TOKEN"] = "the inner one" });

        Assert.Equal("*** and ***", mask.Apply("the inner one and inner"));
    }

    [Fact]
    public void Lines_of_a_key_are_masked_one_by_one()
    {
        var mask = new SecretMask(new Dictionary<string, string>
        {
            ["DEPLOY_KEY"] = "-----BEGIN KEY-----\nMIIBVgIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----",
        });

        Assert.Equal("line *** of it", mask.Apply("line kqhkiG9w0BAQEF of it"));
    }

    [Theory]
    [InlineData("token ghp_abcdefghijklmnopqrstuvwxyz0123456789 here", "token *** here")]
    [InlineData("glpat-abcdefghij0123456789", "***")]
    [InlineData("AKIAIOSFODNN7EXAMPLE.", "***")]
    [InlineData("xoxb-1234567890-abcdefghij", "***")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1g", "***")]
    [InlineData("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***")]
    [InlineData("git clone https://ada:hunter2@git.example.com/a", "git clone https://***@git.example.com/a")]
    [InlineData("postgres://user:p@ss@db/x", "postgres://***@db/x")]
    [InlineData("login --password=hunter2 --verbose", "login --password=*** --verbose")]
    [InlineData("{\"x\":1} token=\"abcdef\"", "{\"x\":1} token=\"***\"")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nabc", "-----BEGIN PRIVATE KEY-----***")]
    [InlineData("mail ada@example.com about https://example.com/@ada", "mail ada@example.com about https://example.com/@ada")]
    [InlineData("the token is missing; bearer of bad news", "the token is missing; bearer of bad news")]
    [InlineData("task-sk-build and risk-averse", "task-sk-build and risk-averse")]
    [InlineData("-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc")]
    public void Shapes_of_secrets_are_masked_and_ordinary_words_are_not(string text, string masked) =>
        Assert.Equal(masked, TokenShapes.Mask(text));
}
