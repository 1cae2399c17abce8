using SeaGrpc.Server;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

public sealed class VersionTests
{
    [Fact]
    public async Task Asked_for_its_version_it_tells_the_servers()
    {
        var result = await BuiltProgram.Cli.RunAsync("--version");
        Assert.Equal((0, $"{SeaServer.Version}\n", ""), (result.ExitCode, result.Output, result.Error));
    }
}
