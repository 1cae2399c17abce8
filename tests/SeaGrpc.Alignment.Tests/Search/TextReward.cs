using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>A reward that is a function of the answer's ids: no model, no tokens, no gradient. Keeps what it was asked.</summary>
internal sealed class TextReward(PolicyModel policy, Func<IReadOnlyList<int>, double> worth) : IReward
{
    private readonly ConversationEncoder _encoder = new(policy.Tokenizer, policy.Template);

    /// <summary>Every answer that was read, in order, EOS excluded.</summary>
    public List<IReadOnlyList<int>> Read { get; } = [];

    public string Name => "text";

    public ModelDescription Description => policy.Description;

    public bool RewritesAnswers => false;

    public bool HasGradient => false;

    IEnumerable<TransformerDecoder> IReward.Decoders => [];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [];

    ConversationEncoder IReward.Conversations => _encoder;

    /// <summary>A tiny policy with a reward of this kind.</summary>
    public static (AlignmentModels Models, TextReward Reward) Load(Func<IReadOnlyList<int>, double> worth, ulong seed = 3)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), seed);
        PolicyModel policy = PolicyModel.Load(folder.File("policy"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        var reward = new TextReward(policy, worth);
        return (new AlignmentModels(policy, [reward]), reward);
    }

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) => new([], [TinyCheckpoint.Eos]);

    bool IReward.IsReading(RewardPrompt prompt) => false;

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) => new State(this);

    public void Dispose()
    {
    }

    private float Of(IReadOnlyList<int> answer)
    {
        Read.Add(answer);
        return (float)worth(answer);
    }

    private sealed class State(TextReward reward) : RereadRewardState
    {
        public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
            [.. answers.Select(reward.Of)];
    }
}
