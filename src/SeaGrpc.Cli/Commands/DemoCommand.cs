using System.CommandLine;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Cli.Commands;

/// <summary><c>demo</c>: one alignment with the embedded models, from nothing.</summary>
internal static class DemoCommand
{
    /// <summary>A request of the embedded world that no model was trained on.</summary>
    internal const string DefaultPrompt = "I bought this tablet last week and it is dirty.";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var prompt = new Option<string?>("--prompt")
        {
            Description = "What the user says. Default: a request that the models have not seen.",
            HelpName = "TEXT",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Seed of every random number.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var method = MethodOption.Create();
        var verbose = new Option<bool>("--verbose") { Description = "Show the server's log on standard error." };
        var command = new Command(
            "demo", "Start the sidecar inside this process with its embedded models, and watch it improve an answer.")
        {
            prompt, seed, method, verbose,
        };
        command.SetAction(
            async (parse, _) =>
            {
                var text = parse.GetValue(prompt) ?? DefaultPrompt;
                var arguments = new AlignmentArguments
                {
                    Prompt = await PromptSource.ReadAsync(text),
                    Method = parse.GetRequiredValue(method),
                    Seed = parse.GetValue(seed),
                };
                using var run = new AlignmentCommandRun(json: false);
                await run.RunAsync(arguments, server: null, token: null, parse.GetValue(verbose));
                await run.WriteLineAsync(
                    "Next: 'align \"PROMPT\"' takes any prompt; "
                        + "'dotnet run -c Release --project src/SeaGrpc.Server' serves gRPC on port 50051."
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
