using System.CommandLine;
using SeaGrpc.Cli.Runs;
using SeaGrpc.V1;
using SeaGrpc.Worlds;

namespace SeaGrpc.Cli.Commands;

/// <summary><c>demo</c>: one alignment with the embedded models, from nothing.</summary>
internal static class DemoCommand
{
    private const int PromptSeed = 2;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var prompt = new Option<string?>("--prompt") { Description = "What the user says. Default: a request that the models have not seen.", HelpName = "TEXT" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of every random number.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var method = MethodOptions.Method();
        var verbose = new Option<bool>("--verbose") { Description = "Show the server's log on standard error." };
        var command = new Command(
            "demo", "Start the sidecar inside this process with its embedded models, and watch it improve an answer.")
        {
            prompt, seed, method, verbose,
        };
        command.SetAction(async (parse, _) =>
        {
            var text = parse.GetValue(prompt) ?? SupportDesk.HeldOutPrompts(1, PromptSeed)[0].Text;
            var arguments = new AlignmentArguments
            {
                Prompt = await PromptSource.ReadAsync(text),
                Method = new MethodArguments { Method = MethodOptions.Named(parse.GetRequiredValue(method)) },
                Seed = parse.GetValue(seed),
            };
            using var run = new AlignmentCommandRun(json: false);
            var final = await run.RunAsync(arguments, server: null, token: null, parse.GetValue(verbose));
            if (Verdict(arguments.Prompt, final) is { } verdict)
            {
                await run.WriteLineAsync(verdict);
            }

            await run.WriteLineAsync(
                "Next: 'align \"PROMPT\"' takes any prompt; 'dotnet run -c Release --project src/SeaGrpc.Server' serves gRPC on port 50051.");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>What the world's own judge, which no model has seen, says of both; null where the prompt is not of that world.</summary>
    private static string? Verdict(string prompt, AlignmentFinal final) => SupportDesk.RecognisePrompt(prompt) is { } request
        ? $"Judge: draft {Words(Judge.Assess(request, final.Draft.Text))}; answer {Words(Judge.Assess(request, final.Response.Text))}."
        : null;

    private static string Words(Judgement judgement) =>
        $"{judgement.GoodSlots} of {SupportDesk.SlotCount} points good, {(judgement.Grammatical ? "" : "not ")}grammatical"
        + (judgement.OnTopic ? "" : ", off the topic");
}
