using Flyball.Pipelines.Kubernetes;

namespace Flyball.Pipelines.Tests.Kubernetes;

public sealed class KubernetesConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-account").FullName;

    [Theory]
    [InlineData("10.0.0.1", "6443", "https://10.0.0.1:6443/")]
    [InlineData("10.0.0.1", null, "https://10.0.0.1/")]
    [InlineData("fd00::1", "443", "https://[fd00::1]/")]
    public void A_pod_knows_its_cluster(string host, string? port, string address)
    {
        File.WriteAllText(Path.Combine(_folder, "token"), "one\n");

        var connection = KubernetesConnection.InCluster(n => n == "KUBERNETES_SERVICE_HOST" ? host : port, _folder)!;

        Assert.Equal(address, connection.Server.ToString());
        Assert.Equal("one", connection.Token());
        File.WriteAllText(Path.Combine(_folder, "token"), "two");
        Assert.Equal("two", connection.Token());
        File.Delete(Path.Combine(_folder, "token"));
        Assert.Null(connection.Token());
    }

    [Fact]
    public void Elsewhere_there_is_none()
    {
        Assert.Null(KubernetesConnection.InCluster(_ => "x", _folder));
        Assert.Null(KubernetesConnection.InCluster(_ => null, _folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
