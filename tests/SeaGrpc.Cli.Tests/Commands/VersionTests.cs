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

    [Theory]
    [InlineData("eval")]
    [InlineData("tune")]
    [InlineData("train")]
    [InlineData("bench")]
    public async Task What_the_other_programs_do_is_no_command_of_it(string command)
    {
        var result = await BuiltProgram.Cli.RunAsync(command);
        Assert.Equal((ExitCodes.Usage, ""), (result.ExitCode, result.Output));
        Assert.Contains(command, result.Error, StringComparison.Ordinal);
    }
}
