using System.CommandLine;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Inspection;

namespace SeaGrpc.Cli.Inspection;

/// <summary><c>inspect</c>: what a checkpoint folder contains, whether it can be served, and what that needs.</summary>
internal static class InspectCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A Hugging Face checkpoint folder: a policy or a reward model." };
        var rewards = new Option<string[]>("--reward")
        {
            Description = "Folder of a reward model to serve with it; may be repeated.",
            HelpName = "DIR",
        };
        var lengths = new Option<string?>("--lengths")
        {
            Description = "Tokens of the prompt and of the response, for the memory estimate. Default: 512,128, or less if the "
                + "models read less.",
            HelpName = "PROMPT,RESPONSE",
        };
        var chains = new Option<int>("--chains")
        {
            Description = "Chains of method sea, for the memory estimate.",
            HelpName = "N",
            DefaultValueFactory = _ => 4,
        };
        var dtype = new Option<ModelDtype>("--dtype")
        {
            Description = "Format that the weights are served in; Auto estimates with Float32, the larger of the two that it may choose.",
            DefaultValueFactory = _ => ModelDtype.Auto,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else on standard output." };
        lengths.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ServingLengths.Parse(token.Value) is null)
            {
                result.AddError($"--lengths is {token.Value}, but must be two whole numbers above 0: 512,128.");
            }
        });
        chains.Validators.Add(result =>
        {
            // What is not a number at all has its own message.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && (value < 1 || value > 4096))
            {
                result.AddError("--chains must be from 1 to 4096.");
            }
        });
        var command = new Command(
            "inspect",
            "Report what a model's folder contains, whether it can be served, with what, and how much memory that takes. Reads weights "
                + "only to find what reward models have in common with the policy."
        )
        {
            folder, rewards, lengths, chains, dtype, json,
        };
        command.SetAction(parse =>
        {
            InspectionReport report = InspectionReport.Of(
                CheckpointInspection.Of(parse.GetRequiredValue(folder)),
                [.. (parse.GetValue(rewards) ?? []).Select(CheckpointInspection.Of)],
                parse.GetValue(lengths) is { } text ? ServingLengths.Parse(text) : null,
                parse.GetValue(chains),
                parse.GetValue(dtype));
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(parse.GetValue(json) ? InspectionJson.Of(report) : InspectionText.Of(report));
            return report.CanServe ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}
