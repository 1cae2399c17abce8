using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>The settings that every method of a run shares.</summary>
internal static class CommonSettings
{
    /// <summary>Data, prompts, models and judge, by name.</summary>
    public static IReadOnlyDictionary<string,
    string> Of(DatasetArguments arguments, DatasetFile file, GetServerInfoResponse info, IAnswerJudge judge)
    {
        var settings = new Dictionary<string, string>(judge.Settings)
        {
            ["suite"] = arguments.Suite.Name,
            ["data"] = file.Sha256,
            ["prompt"] = arguments.Suite.PromptTemplate,
            ["prompt form"] = arguments.IsPlainText ? "text" : "chat",
            ["max tokens"] = (arguments.MaxTokens ?? info.Limits?.DefaultResponseTokens ?? 0).ToString(),
            ["dtype"] = info.Dtype,
        };
        foreach (ModelInfo model in info.Models)
        {
            settings[$"{model.Role} model".ToLowerInvariant()] = $"{model.Name} {model.Sha256}".Trim();
        }

        return settings;
    }
}
