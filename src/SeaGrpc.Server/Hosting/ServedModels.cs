using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Hosting;

/// <summary>What request threads may know and use of the loaded models. Thread-safe; names no tensors.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Reward">The reward model.</param>
/// <param name="Tokenizer">The policy's tokenizer.</param>
/// <param name="Prompts">Encodes prompts for both.</param>
/// <param name="HasChatTemplate">Whether the policy takes conversations.</param>
internal sealed record ServedModels(
    ModelDescription Policy, ModelDescription Reward, Tokenizer Tokenizer, PromptEncoder Prompts, bool HasChatTemplate)
{
    public static ServedModels Of(AlignmentModels models) => new(
        models.Policy.Description, models.Rewards[0].Description, models.Policy.Tokenizer, models.Prompts, models.Policy.Template is not null);
}
