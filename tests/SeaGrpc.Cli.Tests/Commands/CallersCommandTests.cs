using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

/// <summary><c>callers hash</c>.</summary>
[Trait("tier", "slow")]
public sealed class CallersCommandTests
{
    [Theory]
    [InlineData("correct-horse")]
    [InlineData("correct-horse\r\nanother line\n")]
    public async Task It_prints_what_sha256sum_prints_of_the_token(string input)
    {
        ProgramResult result = await HashAsync(input);
        Assert.Equal(
            (0, string.Empty, "9dca666eb54730714630d1519264a7bf1eeaad00b8f2edc90d3ecbfad928d163\n"),
            (result.ExitCode, result.Error, result.Output));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short\n")]
    [InlineData(" surrounded by blanks \n")]
    public async Task What_cannot_be_a_token_is_told_without_showing_it(string input)
    {
        ProgramResult result = await HashAsync(input);
        Assert.Equal((2, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains("is not a token: it must have 8 to 4096 ASCII characters", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("surrounded", result.Error, StringComparison.Ordinal);
    }

    private static async Task<ProgramResult> HashAsync(string input)
    {
        using ProgramProcess cli = BuiltProgram.Cli.Start("callers", "hash");
        await cli.WriteInputAsync(System.Text.Encoding.ASCII.GetBytes(input));
        return await cli.EndAsync();
    }
}
