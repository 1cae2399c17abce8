using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Rewards.Texts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>A policy whose tokens are bytes, and a reward model of another vocabulary.</summary>
internal sealed class TextPair : IDisposable
{
    public static readonly ChatMessage[] Conversation =
        [new("user", "Why does my kettle leak? <|eos|> 你好"), new("assistant", "Which one?"), new("user", "the blue one ")];

    private readonly TemporaryFolder _folder = new();

    /// <param name="template">The reward model's chat template; null for the checkpoint's own, empty for none.</param>
    public TextPair(string? template = null)
    {
        var options = new ModelLoadOptions("cpu", ModelDtype.Float32);
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 3);
        OtherVocabulary.WriteReward(_folder.File("reward"), 4);
        if (template is not null)
        {
            string path = Path.Combine(_folder.File("reward"), "tokenizer_config.json");
            JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            config["chat_template"] = template.Length > 0 ? template : null;
            File.WriteAllText(path, config.ToJsonString());
        }

        Models = AlignmentModels.Load(_folder.File("policy"), _folder.File("reward"), options);
        Prompt = Models.Prompts.EncodeChat(Conversation);
    }

    public AlignmentModels Models { get; }

    public EncodedPrompt Prompt { get; }

    public TextRewardPrompt RewardPrompt => (TextRewardPrompt)Prompt.Rewards[0];

    public RewardModel Reward => ((TextModelReward)Models.Rewards[0]).Model;

    public ConversationEncoder Encoder => ((IReward)Models.Rewards[0]).Conversations;

    /// <summary>The reward of a whole answer's text: the rendered conversation in one pass, without a cache.</summary>
    public float Score(IReadOnlyList<int> answer) =>
        ScoreIds(Encoder.EncodeAnswered(Conversation, Models.Policy.Tokenizer.Decode(answer)));

    /// <summary>The reward at the end of ids, read in one pass, without a cache.</summary>
    public float ScoreIds(int[] ids)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor read = tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0);
        return Reward.Head.Rewards(Reward.Decoder.Forward(Reward.Decoder.Embed(read))[0][-1].unsqueeze(0)).item<float>();
    }

    public void Dispose()
    {
        Models.Dispose();
        _folder.Dispose();
    }
}
