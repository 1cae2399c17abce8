using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Commands;

[Trait("tier", "slow")]
public sealed class TrainCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("train").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task On_a_terminal_it_shows_how_far_it_is()
    {
        using TerminalProcess lab = BuiltProgram.Lab.StartOnTerminal(null, "train", "--quick", "--out", _folder);
        await lab.UntilAsync(@"training: policy +━+ +[0-9]+% +[0-9]+/140");
        await lab.UntilAsync(@"policy +[0-9]+/140  loss "); // A line above the bar.

        await lab.TypeAsync("\u0003");

        Assert.Equal(130, await lab.EndAsync());
        Assert.Contains("Interrupted: no model was written.", lab.Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupt_leaves_what_was_there_and_nothing_half_written(string signal)
    {
        var before = Directory.CreateDirectory(Path.Combine(_folder, "tiny-policy")).FullName;
        await File.WriteAllTextAsync(Path.Combine(before, "config.json"), "before");
        using var cli = BuiltProgram.Lab.Start("train", "--out", _folder, "--quick");
        Assert.StartsWith("Tokenizer: ", await cli.ReadLineAsync(), StringComparison.Ordinal);

        cli.Signal(signal);
        var result = await cli.EndAsync();

        Assert.Equal((130, "Interrupted: no model was written."), (result.ExitCode, result.Error.TrimEnd()));
        Assert.Equal([before], Directory.GetFileSystemEntries(_folder));
        Assert.Equal([Path.Combine(before, "config.json")], Directory.GetFileSystemEntries(before));
    }
}
