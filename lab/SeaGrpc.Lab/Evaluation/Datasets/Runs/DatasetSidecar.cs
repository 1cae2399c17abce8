using System.Globalization;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Datasets.Rewards;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Server;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>The server of a run that does not name one: it runs inside this process.</summary>
internal static class DatasetSidecar
{
    /// <summary>Most jobs that a server runs at once.</summary>
    private const int MostJobs = 256;

    /// <summary>
    /// A sidecar whose limits are the models' own. Models of the caller's use every core; the embedded ones are too small for that.
    /// </summary>
    /// <param name="arguments">What was asked for.</param>
    /// <param name="file">The rows, whose answers may be the reward.</param>
    public static Task<Sidecar> StartAsync(DatasetArguments arguments, DatasetFile file)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SeaGrpc:Limits:MaxPromptCharacters"] = "10000000",
            ["SeaGrpc:Limits:MaxPromptTokens"] = "1000000",
            ["SeaGrpc:Limits:MaxResponseTokens"] = "100000",
            ["SeaGrpc:Engine:MaxConcurrentJobs"] = Math.Min(MostJobs, arguments.Concurrency).ToString(CultureInfo.InvariantCulture),
            ["SeaGrpc:Engine:QueueTimeout"] = "01:00:00",
        };
        if (arguments.Policy is { } policy)
        {
            settings["SeaGrpc:Models:Policy"] = policy;
            settings["SeaGrpc:Models:Threads"] = "0";
        }

        if (arguments.HasExactReward)
        {
            ExactAnswerJudge judge = ExactAnswerJudge.Of(arguments.Suite)!;
            return EmbeddedSidecar.StartAsync(
                verbose: false, settings, (_, policy, _) => ([new ExactAnswerReward(policy, arguments.Suite, judge, file.Rows)], [1]));
        }

        if (arguments.Reward is { } reward)
        {
            settings["SeaGrpc:Models:Reward"] = reward;
        }

        return EmbeddedSidecar.StartAsync(verbose: false, settings);
    }
}
