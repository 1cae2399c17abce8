using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The Java client as Maven packs it.</summary>
public sealed class JavaPackageTests
{
    [Fact]
    public async Task Maven_packs_a_fresh_checkout_with_Debians_artifacts_and_the_example_runs_on_it()
    {
        using var folder = new TemporaryFolder();
        Checkout checkout = Checkout.Of(folder.Path, "clients/java", "clients/protos", "protos");
        string command = Assert.Single(
            new ReadmePage("clients/java/README.md", "java").Commands(line => line.Contains("mvn", StringComparison.Ordinal)));
        await checkout.RunAsync("/usr/bin/env", "bash", "-c", command);
        string built = Path.Combine(Repository.Root, "clients/java/build");
        string classpath = $"clients/java/target/seagrpc-client-0.1.0.jar:{built}/seagrpc-client-programs.jar:{built}/lib/*";
        await using Sidecar server = await Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Threads"] = "1" });
        (string output, _) = await checkout.RunAsync("/usr/bin/java", "-cp", classpath, "io.seagrpc.example.Progress", server.Address);
        Assert.Matches(@"^draft  -0\.\d+  .+\nanswer 2\.\d+  .+\n$", output);
    }
}
