using SeaGrpc.Cli.Calibration;
using SeaGrpc.Cli.Commands;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Worlds;

/// <summary>The product's own prompts for the embedded models are requests of their world that the models were not trained on.</summary>
public sealed class BuiltInPromptsTests
{
    [Fact]
    public void The_demos_prompt_is_of_the_held_out_split() =>
        Assert.Equal(DemoCommand.DefaultPrompt, SupportDesk.HeldOutPrompts(1, seed: 2)[0].Text);

    [Fact]
    public void The_calibrations_prompts_are_of_the_tuning_split() =>
        Assert.Equal(
            BuiltInPrompts.Embedded, SupportDesk.TuningPrompts(BuiltInPrompts.Embedded.Count, seed: 3).Select(prompt => prompt.Text));
}
