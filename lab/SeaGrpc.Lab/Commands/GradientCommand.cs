using System.CommandLine;
using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Probing;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Gradients;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>gradient</c>: how well the reward's gradient ranks next tokens, against their exact rewards.</summary>
internal static class GradientCommand
{
    private const int Candidates = 64;
    private static readonly int[] Depths = [0, 1, 2, 4, 8, 16];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var suite = new Option<string>("--suite")
        {
            Description = $"What the data file holds: {DatasetOptions.SuiteNames}.",
            DefaultValueFactory = _ => DatasetSuite.AdvBench.Name,
        };
        suite.AcceptOnlyFromAmong([.. DatasetSuite.All.Select(known => known.Name)]);
        var data = new Option<string>("--data") { Description = "The data file.", HelpName = "FILE", Required = true };
        var policy = new Option<string>("--policy") { Description = "Folder of the policy.", HelpName = "DIR", Required = true };
        var reward = new Option<string>("--reward") { Description = "Folder of the reward model.", HelpName = "DIR", Required = true };
        Option<int> limit = Count("--limit", "How many rows.", 24);
        Option<int> threads = Count("--threads", "Threads of a tensor operation on the CPU.", 1);
        var temperature = new Option<double>("--reference-temperature")
        {
            Description = "Temperature of the policy, in its sample and its probabilities.",
            DefaultValueFactory = _ => 0.7,
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Seed of the samples.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var page = new Option<FileInfo?>("--out") { Description = "A Markdown file for the page, too.", HelpName = "FILE" };
        var command = new Command(
            "gradient", "Rank the policy's likeliest next tokens by the reward's gradient, and compare with their exact rewards.")
        {
            suite, data, policy, reward, limit, threads, temperature, seed, page,
        };
        temperature.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<double>() > 0))
            {
                result.AddError("--reference-temperature must be above 0.");
            }
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DatasetSuite known = DatasetSuite.Find(parsed.GetRequiredValue(suite))!;
                DatasetFile file = DatasetCommand.Load(known, parsed.GetRequiredValue(data));
                DatasetRow[] rows = [.. file.Rows.Take(parsed.GetValue(limit))];
                ComputeThreads.Set(parsed.GetValue(threads));
                using ProgressBars bars = ProgressBars.Start();
                using AlignmentModels models =
                    GivenModels.Load(parsed.GetRequiredValue(policy), parsed.GetRequiredValue(reward), bars);
                double reference = parsed.GetValue(temperature);
                IReadOnlyList<DepthFigures> figures = DepthFigures.Of(rows.SelectMany((row, index) =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    bars.Report(new WorkProgress("ranking tokens", index, rows.Length));
                    return NextTokenProbe.Measure(
                        models,
                        models.Prompts.EncodeChat([new ChatMessage("user", known.Prompt(row))]),
                        new BaseParameters { ReferenceTemperature = reference },
                        Depths,
                        Candidates,
                        unchecked(parsed.GetValue(seed) + (ulong)row.Line));
                }));
                bars.End();
                string text = GradientPage.Of(Setting(models, file, rows.Length, reference), Candidates, figures);
                if (parsed.GetValue(page) is { } path)
                {
                    File.WriteAllText(path.FullName, text);
                }

                using TextWriter output = StandardOutput.Open();
                output.Write(text);
                return ExitCodes.Success;
            },
            cancellation));
        return command;
    }

    private static string Setting(AlignmentModels models, DatasetFile file, int rows, double temperature) => string.Create(
        CultureInfo.InvariantCulture,
        $"Policy {models.Policy.Description.Name} and reward {models.Rewards[0].Name}, {models.Policy.Description.Dtype}, on "
            + $"{models.Policy.Description.Device}; {rows} rows of {Path.GetFileName(file.Path)}; reference temperature {temperature}. "
            + $"{RunSetting.Machine}");

    private static Option<int> Count(string name, string description, int @default)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => @default };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }
}
