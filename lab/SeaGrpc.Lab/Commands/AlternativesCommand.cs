using System.CommandLine;
using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Alternatives;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>alternatives</c>: the answers to tuning prompts that are worth knowing for others.</summary>
internal static class AlternativesCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "AdvBench's file of tuning prompts.", HelpName = "FILE", Required = true };
        var answers = new Option<string>("--answers")
        {
            Description = "Results of eval on these prompts: the answers to choose from.",
            HelpName = "FILE",
            Required = true,
        };
        var policy = new Option<string>("--policy") { Description = "Folder of the policy.", HelpName = "DIR", Required = true };
        var reward = new Option<string>("--reward") { Description = "Folder of the reward model.", HelpName = "DIR", Required = true };
        var count = new Option<int>("--count") { Description = "How many to choose.", HelpName = "N", DefaultValueFactory = _ => 4 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--count must be at least 1.");
            }
        });
        var page = new Option<FileInfo>("--out")
        {
            Description = "The file for them, one a line, as eval --alternatives reads it.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command(
            "alternatives",
            "Choose the answers to tuning prompts that have the lowest energies on the other ones, for a search to start from.")
        {
            data, answers, policy, reward, count, page,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DatasetFile file = DatasetCommand.Load(DatasetSuite.AdvBench, parsed.GetRequiredValue(data));
                RowResult[] results = Results(parsed.GetRequiredValue(answers), file);
                using ProgressBars bars = ProgressBars.Start();
                using AlignmentModels models =
                    GivenModels.Load(parsed.GetRequiredValue(policy), parsed.GetRequiredValue(reward), bars);
                (string[] responses, IReadOnlyList<(int Response, double Energy)> chosen) =
                    Choose(models, file, results, parsed.GetValue(count), bars, cancellation);
                bars.End();
                File.WriteAllLines(parsed.GetRequiredValue(page).FullName, chosen.Select(one => responses[one.Response]));
                using TextWriter output = StandardOutput.Open();
                output.WriteLine(
                    Line($"{responses.Length} answers to {results.Select(result => result.Row).Distinct().Count()} prompts. ")
                    + "The lowest energy of those chosen so far, in nats, mean over the prompts that they were not found for:");
                foreach ((int response, double energy) in chosen)
                {
                    output.WriteLine(Line($"{energy,8:F1}  {responses[response]}"));
                }

                return ExitCodes.Success;
            },
            cancellation));
        return command;
    }

    private static RowResult[] Results(string path, DatasetFile file)
    {
        if (!File.Exists(path))
        {
            throw new CliException($"{path} does not exist: write it with eval --out.", ExitCodes.Usage);
        }

        using ResultsFile results = ResultsFile.Open(path, []);
        HashSet<string> rows = [.. file.Rows.Select(row => row.Id)];
        RowResult[] found =
        [
            .. results.Results.Where(result => rows.Contains(result.Row) && result.Answer is { } text
                && !string.IsNullOrWhiteSpace(text) && !text.Contains('\n', StringComparison.Ordinal)),
        ];
        return found.Length > 0
            ? found
            : throw new CliException($"{path} has no answer of one line to a prompt of {file.Path}.", ExitCodes.Usage);
    }

    private static (string[] Responses, IReadOnlyList<(int Response, double Energy)> Chosen) Choose(
        AlignmentModels models, DatasetFile file, RowResult[] results, int count, IProgress<WorkProgress> progress,
        CancellationToken cancellation)
    {
        string[] responses = [.. results.Select(result => result.Answer!).Distinct(StringComparer.Ordinal)];
        int[][] ids = [.. responses.Select(models.Prompts.EncodeResponse)];
        DatasetRow[] rows = [.. file.Rows.Where(row => results.Any(result => result.Row == row.Id))];
        double[][] energies = [.. responses.Select(_ => new double[rows.Length])];
        foreach ((int place, DatasetRow row) in rows.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new WorkProgress("scoring the answers", place, rows.Length));
            EncodedPrompt prompt = models.Prompts.EncodeChat([new ChatMessage("user", DatasetSuite.AdvBench.Prompt(row))]);
            IReadOnlyList<ScoredResponse> scores = models.Score(
                [.. ids.Select(own => (prompt, (IReadOnlyList<int>)own))], BudgetFamilies.RewardWeight, mixtureWeights: null,
                BudgetFamilies.ReferenceTemperature);
            for (int response = 0; response < responses.Length; response++)
            {
                energies[response][place] = scores[response].Energy;
            }
        }

        bool[][] own =
        [
            .. responses.Select(text => (bool[])[
                .. rows.Select(row => results.Any(result => result.Row == row.Id && result.Answer == text)),
            ]),
        ];
        return (responses, AlternativeChoice.Of(energies, own, count));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
