using System.CommandLine;

namespace SeaGrpc.Cli.Evaluation;

/// <summary>The <c>eval</c> command: methods on prompts, judged.</summary>
internal static class EvalCommand
{
    private static readonly Option<string> Suite = new("--suite")
    {
        Description = $"What to evaluate on: {EmbeddedSuite.Name} (the worlds that the project makes).",
        DefaultValueFactory = _ => EmbeddedSuite.Name,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var embedded = new EmbeddedSuite();
        var command = new Command("eval", "Run methods on prompts, judge the answers, and report figures, tables and plots.") { Suite };
        foreach (Option option in embedded.Options)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellation) => parsed.GetRequiredValue(Suite) switch
        {
            EmbeddedSuite.Name => embedded.RunAsync(parsed, cancellation),
            string other => throw new CliException($"The suite {other} is not known: use {EmbeddedSuite.Name}.", ExitCodes.Usage),
        });
        return command;
    }
}
