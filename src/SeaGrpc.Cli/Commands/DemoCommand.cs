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
        var serve = new Option<bool>("--serve")
        {
            Description = "Instead of one alignment, keep the sidecar running until Ctrl-C, with gRPC, health and OpenAI's API, and print "
                + "the addresses.",
        };
        var upstream = new Option<string?>("--upstream")
        {
            Description = "With --serve: a backend with OpenAI's API (http://HOST:PORT/v1), whose answers the sidecar picks from.",
            HelpName = "URL",
        };
        upstream.Validators.Add(result =>
        {
            if (!result.GetValue(serve))
            {
                result.AddError("--upstream is for --serve: add it.");
            }
        });
        var command = new Command(
            "demo", "Start the sidecar inside this process with its embedded models, and watch it improve an answer.")
        {
            prompt, seed, method, verbose, serve, upstream,
        };
        command.SetAction(
            async (parse, _) =>
            {
                if (parse.GetValue(serve))
                {
                    await ServedDemo.RunAsync(parse.GetValue(upstream), parse.GetValue(verbose));
                    return ExitCodes.Success;
                }

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
                    "Next: 'align \"PROMPT\"' takes any prompt; 'demo --serve' keeps the sidecar running; "
                        + "'dotnet run -c Release --project src/SeaGrpc.Server' serves gRPC on port 50051."
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
