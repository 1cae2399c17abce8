using System.CommandLine;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Cli.Calibration;

/// <summary><c>calibrate</c>: suggests SEA's reward weight, smoothing and step size for a pair of models, with the reasons.</summary>
internal static class CalibrateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var policy = Folder("--policy", "Folder of the policy. Default: the embedded one.");
        var reward = Folder("--reward", "Folder of the reward model. Default: the embedded one.");
        var prompts = new Option<FileInfo?>("--prompts")
        {
            Description =
                "Prompts to try, one a line: text, or JSON (a string, or an object with \"prompt\") in a file "
                    + "named .jsonl. Default: built-in ones.",
            HelpName = "FILE",
        };
        var count = Count("--count", "Maximum number of prompts.", 6, 1, 1000);
        var quick = new Option<bool>("--quick") { Description = "A quicker, rougher estimate." };
        var maxTokens = Count("--max-tokens", "Longest response in tokens.", 96, 1, 100_000);
        var threads = Count("--threads", "Threads of a tensor operation on the CPU.", 1, 1, 1024);
        var device = new Option<string>("--device") { Description = "cpu, cuda, cuda:N or auto.", DefaultValueFactory = _ => "auto" };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Seed of every random number.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else on standard output." };
        var method = MethodOption.Create(
            "sea[sampler=langevin]", "The method to calibrate, with the parameters to keep", ThrowIfNotCalibrated);
        var command = new Command(
            "calibrate", "Suggest SEA's reward weight, smoothing and step size for a pair of models, from a few prompts, with the reasons.")
        {
            policy, reward, method, prompts, count, quick, maxTokens, threads, device, seed, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(policy) is null != result.GetResult(reward) is null)
            {
                result.AddError("--policy and --reward go together: name both, or neither for the embedded pair.");
            }
        });
        command.SetAction((parse, cancellation) => Task.Run(
            () =>
            {
                string[] texts = [.. parse.GetValue(prompts) is { } file
                    ? PromptFile.Read(file.FullName, parse.GetValue(count))
                    : (parse.GetValue(policy) is null ? BuiltInPrompts.Embedded : BuiltInPrompts.General).Take(parse.GetValue(count))];
                ComputeThreads.Set(parse.GetValue(threads));
                using AlignmentModels models = Load(parse.GetValue(policy), parse.GetValue(reward), parse.GetRequiredValue(device));
                CalibrationOptions options = (parse.GetValue(quick) ? CalibrationOptions.Quick : new CalibrationOptions()) with
                {
                    Method = parse.GetRequiredValue(method),
                    MaxResponseTokens = Room(models, parse.GetValue(maxTokens), [.. texts.Select(text => Encode(models, text))]),
                    Seed = parse.GetValue(seed),
                };
                CalibrationReport report = Measure(models, options, texts, cancellation);
                using TextWriter output = StandardOutput.Open();
                output.WriteLine(parse.GetValue(json) ? CalibrationJson.Of(report) : CalibrationText.Of(report));
                return ExitCodes.Success;
            },
            cancellation));
        return command;
    }

    private static void ThrowIfNotCalibrated(MethodText method)
    {
        if (method.ToParameters() is not SeaParameters { Sampler: SeaSampler.Langevin })
        {
            throw new ArgumentException("calibrate is for Langevin dynamics: write sea[sampler=langevin] or sea[preset=paper].");
        }

        if (method.Values.Keys.FirstOrDefault(given => CalibrationReport.Found.Contains(given.Property)) is { } found)
        {
            throw new ArgumentException($"calibrate determines {found}: omit it.");
        }
    }

    private static CalibrationReport Measure(
        AlignmentModels models, CalibrationOptions options, string[] texts, CancellationToken cancellation)
    {
        using var bars = ProgressBars.Start();
        try
        {
            return new Calibrator(models, options, bars).Run([.. texts.Select(text => Encode(models, text))], cancellation);
        }
        catch (Exception error) when (error is CalibrationException or NumericFailureException or AnswerTooLongException)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }

    private static AlignmentModels Load(DirectoryInfo? policy, DirectoryInfo? reward, string device)
    {
        string embedded = Path.Combine(AppContext.BaseDirectory, "models");
        using var bars = ProgressBars.Start();
        try
        {
            return AlignmentModels.Load(
                policy?.FullName ?? Path.Combine(embedded, "tiny-policy"),
                reward?.FullName ?? Path.Combine(embedded, "tiny-reward"),
                new ModelLoadOptions(device, Progress: new LoadingProgress(bars)));
        }
        catch (Exception error) when (error is CheckpointException or VocabularyMismatchException or ArgumentException)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }

    private static EncodedPrompt Encode(AlignmentModels models, string text) => models.Policy.Template is null
        ? models.Prompts.EncodeText(text)
        : models.Prompts.EncodeChat([new ChatMessage("user", text)]);

    /// <summary>The longest response that both models have room for after every prompt.</summary>
    private static int Room(AlignmentModels models, int wanted, EncodedPrompt[] prompts)
    {
        int room = prompts.Min(prompt => prompt.Room(
            models.Policy.Description.MaxPositions, models.Rewards.Min(one => one.Description.MaxPositions), wanted));
        return room >= 1
            ? room
            : throw new CliException("A prompt leaves the models no room for a response: shorten it.", ExitCodes.Usage);
    }

    private static Option<DirectoryInfo?> Folder(string name, string description) =>
        new(name) { Description = description, HelpName = "DIR" };

    private static Option<int> Count(string name, string description, int absent, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => absent };
        option.Validators.Add(result =>
        {
            // What is not a number at all has its own message.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && (value < least || value > most))
            {
                result.AddError($"{name} must be from {least} to {most}.");
            }
        });
        return option;
    }
}
