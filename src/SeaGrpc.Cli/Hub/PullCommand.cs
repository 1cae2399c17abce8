using System.CommandLine;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Cli.Hub;

/// <summary><c>pull</c>: downloads a model from the Hugging Face Hub into the cache of this machine.</summary>
internal static class PullCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<HubModel>("MODEL")
        {
            Description = "ORG/NAME, or ORG/NAME@REVISION with a branch, a tag or a commit.",
            CustomParser = result =>
            {
                if (HubModel.Parse(result.Tokens[0].Value) is { } parsed)
                {
                    return parsed;
                }

                result.AddError($"'{result.Tokens[0].Value}' is no model's id on the Hub: write ORG/NAME or ORG/NAME@REVISION.");
                return null!;
            },
        };
        var withoutWeights = new Option<bool>("--no-weights")
        {
            Description = "Only configuration, tokenizer and chat template: for a policy that an engine serves.",
        };
        var command = new CommandWithoutModels(
            "pull",
            "Download a model from the Hugging Face Hub into this machine's cache, and print its folder. What is there already stays; what "
                + "was begun goes on. Reads HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE.")
        {
            model, withoutWeights,
        };
        command.SetAction(async (parse, _) =>
        {
            string folder = await PullAsync(parse.GetRequiredValue(model), !parse.GetValue(withoutWeights));
            await using TextWriter output = StandardOutput.Open();
            await output.WriteLineAsync(folder);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Downloads what is missing of a model.</summary>
    /// <returns>The folder of its files.</returns>
    /// <exception cref="CliException">It cannot be had, in plain words.</exception>
    private static async Task<string> PullAsync(HubModel model, bool withWeights)
    {
        HubSettings settings = HubSettings.Read();
        if (settings.IsOffline)
        {
            throw new CliException($"HF_HUB_OFFLINE is set, so the Hub is not asked: unset it. {Elsewhere(model)}", ExitCodes.Failure);
        }

        using var client = new HubClient(settings);
        await using var bars = ProgressBars.Start();
        using var interrupts = new Interrupts(() => { });
        interrupts.WorkStarts();
        try
        {
            return await new HubDownload(
                    client, model, (file, present) => bars.Report(new WorkProgress(file.Name, present, file.Size, WorkUnit.Bytes)))
                .RunAsync(withWeights, interrupts.Requested);
        }
        catch (OperationCanceledException error)
        {
            throw new CliException(
                $"Interrupted. 'seagrpc pull {model}' goes on where this ended.", ExitCodes.Interrupted, error);
        }
        catch (HubException error)
        {
            throw new CliException(
                error.Reached
                    ? $"{model} was not downloaded: {error.Message}. 'seagrpc pull {model}' goes on where this ended."
                    : $"The Hub at {settings.Endpoint.Authority} cannot be reached: {error.Message}. Check the network, HTTPS_PROXY, or "
                        + $"HF_ENDPOINT, which names a mirror. {Elsewhere(model)}",
                ExitCodes.Failure, error);
        }
    }

    private static string Elsewhere(HubModel model) =>
        $"Without a network, run 'seagrpc pull {model}' elsewhere and copy the folder {HubCache.ModelFolder("…/hub", model.Id)} to "
            + $"{model.Folder}.";
}
