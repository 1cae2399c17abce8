using System.Text.Json;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Inspection;

namespace SeaGrpc.Cli.Inspection;

/// <summary>An inspection as one JSON object; sizes are bytes, what is unknown is null.</summary>
internal static class InspectionJson
{
    private static readonly JsonSerializerOptions Options =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The object.</summary>
    public static string Of(InspectionReport report) => JsonSerializer.Serialize(
        new
        {
            report.CanServe,
            Model = Model(report.Model),
            Rewards = report.Rewards.Select(Model),
            Memory = report.Memory is null
                ? null
                : new
                {
                    PromptTokens = report.Lengths.Prompt,
                    ResponseTokens = report.Lengths.Response,
                    report.Chains,
                    report.Dtype,
                    report.Memory.Weights,
                    report.Memory.Caches,
                    report.Memory.Activations,
                    report.Memory.Vocabulary,
                    report.Memory.Overhead,
                    report.Memory.Total,
                },
            Sharing = report.Sharing.Select(sharing => sharing is null ? null : new { sharing.Layers, sharing.LayerCount, sharing.Bytes }),
            report.CommonIds,
            report.Misfits,
        },
        Options);

    private static object Model(CheckpointInspection model) => new
    {
        model.Folder,
        model.Name,
        Role = model.Config is null ? null : model.Config.Head == ModelHead.Language ? "policy" : "reward",
        model.Config?.Architecture,
        model.Config?.Family,
        model.ParameterCount,
        model.BytesByDtype,
        Layers = model.Config?.Transformer.LayerCount,
        HiddenSize = model.Config?.Transformer.HiddenSize,
        EmbeddingRows = model.Config?.Transformer.VocabularySize,
        model.Config?.Transformer.MaxPositions,
        Tokens = model.Tokenizer?.Vocabulary.Count,
        model.Tokenizer?.BosId,
        EosIds = model.Tokenizer?.EosIds.Order(),
        HasTemplate = model.Template is not null,
        model.Problems,
        model.Notes,
    };
}
