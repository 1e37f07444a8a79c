using Flyball.Server.Configuration;

namespace Flyball.Server.Tests.Configuration;

public sealed class TektonWatchConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-kubeconfig").FullName;

    [Fact]
    public void The_section_says_where_and_what()
    {
        var watch = ConfigLoader.Load("f.yml", "tekton:\n  watch: {kubeconfig: k, context: prod, namespaces: [ci], label_selector: team=a}\n", _folder).Config!.TektonWatch!;

        Assert.Equal((Path.Combine(_folder, "k"), "prod", "ci", "team=a"), (watch.Kubeconfig, watch.Context, watch.Namespaces[0], watch.LabelSelector));
    }

    [Theory]
    [InlineData("tekton:\n  watch: {namespace: [ci]}\n", "f.yml:2:11: unknown key \"namespace\"; did you mean \"namespaces\"?")]
    [InlineData("tekton:\n  wach: {}\n", "f.yml:2:3: unknown key \"wach\"; did you mean \"watch\"?")]
    [InlineData("tekton:\n  watch: {context: prod}\n", "f.yml:2:20: \"context\" needs a \"kubeconfig\" to be one of")]
    public void What_is_wrong_is_named(string text, string problem) =>
        Assert.Equal(problem, ConfigLoader.Load("f.yml", text, _folder).Problems[0].ToString());

    [Fact]
    public void A_kubeconfig_says_how_to_reach_the_cluster()
    {
        File.WriteAllText(Path.Combine(_folder, "token"), "secret\n");
        var path = Write("""
            apiVersion: v1
            current-context: test
            clusters:
              - {name: c1, cluster: {server: "https://one.example.com:6443", certificate-authority-data: Q0E=}}
              - {name: c2, cluster: {server: "https://two.example.com", insecure-skip-tls-verify: true}}
            users:
              - {name: u1, user: {tokenFile: token}}
              - {name: u2, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
            contexts:
              - {name: test, context: {cluster: c1, user: u1}}
              - {name: prod, context: {cluster: c2, user: u2}}
            """);

        var test = KubeconfigFile.Load(path, context: null);
        var prod = KubeconfigFile.Load(path, "prod");

        Assert.Equal(("https://one.example.com:6443/", "secret", "CA"), (test.Server.ToString(), test.Token(), test.AuthorityPem));
        Assert.Equal(("https://two.example.com/", null, true, ("CERT", "KEY")), (prod.Server.ToString(), prod.Token(), prod.SkipVerification, prod.ClientPem!.Value));
    }

    [Theory]
    [InlineData("contexts: []\n", "no context")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n", "names no server")]
    [InlineData(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://c'}}]\nusers: [{name: u, user: {exec: {command: aws}}}]\n",
        "logs in by a program")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://c', certificate-authority: gone.pem}}]\n", "cannot be used")]
    [InlineData("{", "")]
    public void What_cannot_be_used_is_refused_at_the_start(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ServerStartException>(() => KubeconfigFile.Load(Write(text), context: null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Elsewhere_than_in_a_pod_a_kubeconfig_is_needed() =>
        Assert.Throws<ServerStartException>(() => new TektonWatchConfig(null, null, [], "").Resolve(_ => null));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path, text);
        return path;
    }
}
