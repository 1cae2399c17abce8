using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Lab.Evaluation.Judging.Refusals;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Chooses the judge that the command line asks for.</summary>
internal static class JudgeFactory
{
    /// <summary>
    /// Makes it: exact answers for gsm8k and math; else the model, classifier or pairs that are named; else, for advbench, refusal
    /// phrases.
    /// </summary>
    /// <exception cref="CliException">None fits, or the classifier cannot be loaded.</exception>
    public static IAnswerJudge Create(DatasetArguments arguments)
    {
        ExactAnswerJudge? exact = ExactAnswerJudge.Of(arguments.Suite);
        if (exact is not null && (arguments.JudgeUrl is not null || arguments.Classifier is not null))
        {
            throw Usage($"Suite {arguments.Suite.Name} is judged by its exact answers: omit --judge-url and --classifier.");
        }

        if (arguments.JudgeUrl is not null && arguments.Classifier is not null)
        {
            throw Usage("--judge-url and --classifier are two judges: give only one.");
        }

        if (arguments.JudgePairs is not null
            && (arguments.Suite != DatasetSuite.AdvBench || arguments.JudgeUrl is not null || arguments.Classifier is not null))
        {
            throw Usage("--judge-pairs trains a refusal judge for advbench: give no other judge with it.");
        }

        if ((arguments.JudgeUrl is null) != (arguments.JudgeModel is null))
        {
            throw Usage("--judge-url and --judge-model go together.");
        }

        return exact is not null ? exact
            : arguments.JudgeUrl is { } url
                ? new ModelJudge(arguments.Suite, new ModelJudgeOptions(url, arguments.JudgeModel!) { ApiKey = Key(arguments) })
            : arguments.Classifier is { } folder ? Classifier(folder, arguments.ClassifierThreshold)
            : arguments.JudgePairs is { } pairs ? new RefusalClassifierJudge(
                ProgressBars.While("training the judge", () => TrainedJudge.Of(pairs)).Classifier, Path.GetFileName(pairs))
            : arguments.Suite == DatasetSuite.AdvBench ? new RefusalJudge()
            : throw Usage($"Suite {arguments.Suite.Name} needs a judge: --judge-url URL --judge-model NAME, or --classifier DIR.");
    }

    private static string? Key(DatasetArguments arguments) =>
        Environment.GetEnvironmentVariable(arguments.JudgeKeyVariable) is { Length: > 0 } key ? key : null;

    private static ClassifierJudge Classifier(string folder, double threshold)
    {
        try
        {
            return new ClassifierJudge(ProgressBars.While("loading the classifier", () => ResponseClassifier.Load(folder)), threshold);
        }
        catch (Exception error) when (error is CheckpointException or ArgumentException)
        {
            throw new CliException($"The classifier cannot be loaded. {error.Message}", ExitCodes.Failure, error);
        }
    }

    private static CliException Usage(string message) => new(message, ExitCodes.Usage);
}
