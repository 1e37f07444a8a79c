using Flyball.Step.Detection;

namespace Flyball.Step.Tests.Detection;

public sealed class RepositoryAddressTests
{
    [Theory]
    [InlineData("https://github.com/acme/payments.git", "https://github.com/acme/payments", "acme", "payments", "github")]
    [InlineData("git@github.com:acme/payments.git", "https://github.com/acme/payments", "acme", "payments", "github")]
    [InlineData("ssh://git@gitlab.example.com:2222/a/b/c.git", "https://gitlab.example.com/a/b/c", "a/b", "c", "gitlab")]
    [InlineData("https://oauth2:glpat-xxxx@gitlab.com/a/b", "https://gitlab.com/a/b", "a", "b", "gitlab")]
    [InlineData("https://git.example.com:8443/a/b", "https://git.example.com:8443/a/b", "a", "b", "")]
    [InlineData("/srv/git/shop.git", "/srv/git/shop", "", "shop", "")]
    [InlineData("file:///srv/git/shop", "/srv/git/shop", "", "shop", "")]
    [InlineData("", "", "", "", "")]
    public void Every_spelling_of_an_address_becomes_one(string text, string url, string owner, string name, string provider) =>
        Assert.Equal(new RepositoryAddress(url, owner, name, provider), RepositoryAddress.Parse(text));
}
