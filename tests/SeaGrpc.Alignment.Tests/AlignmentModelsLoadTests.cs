using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>What is loaded already is freed when the rest fails.</summary>
public sealed class AlignmentModelsLoadTests : IDisposable
{
    private static readonly ModelLoadOptions Options = new("cpu", ModelDtype.Float32);

    private readonly TemporaryFolder _folder = new();

    public AlignmentModelsLoadTests()
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 1);
        TinyCheckpoint.WriteReward(_folder.File("reward"), 2);
    }

    [Fact]
    public void A_policy_is_freed_when_its_reward_model_cannot_be_loaded()
    {
        PolicyModel? policy = null;
        Assert.Throws<CheckpointException>(() => AlignmentModels.Load(
            () => policy = PolicyModel.Load(_folder.File("policy"), Options),
            _ => [new ModelReward("missing", RewardModel.Load(_folder.File("missing"), Options))]));

        Assert.True(policy!.Decoder.EmbeddingWeight.IsInvalid);
    }

    [Fact]
    public void Both_are_freed_when_they_do_not_fit()
    {
        PolicyModel? policy = null;
        RewardModel? reward = null;
        Assert.Throws<ArgumentException>(() => AlignmentModels.Load(
            () => policy = PolicyModel.Load(_folder.File("policy"), Options),
            _ =>
            {
                reward = RewardModel.Load(_folder.File("reward"), Options);
                return [new ModelReward("same", reward), new ModelReward("same", reward)];
            }));

        Assert.True(policy!.Decoder.EmbeddingWeight.IsInvalid);
        Assert.True(reward!.Decoder.EmbeddingWeight.IsInvalid);
    }

    [Fact]
    public void A_reward_model_whose_template_leaves_answers_out_is_freed()
    {
        PolicyModel? policy = null;
        RewardModel? reward = null;
        File.WriteAllText(Path.Combine(_folder.File("reward"), "chat_template.jinja"), "{{ messages[0].content }}{{ eos_token }}");
        Assert.Throws<ChatTemplateException>(() => AlignmentModels.Load(
            () => policy = PolicyModel.Load(_folder.File("policy"), Options),
            () => reward = RewardModel.Load(_folder.File("reward"), Options)));

        Assert.True(policy!.Decoder.EmbeddingWeight.IsInvalid);
        Assert.True(reward!.Decoder.EmbeddingWeight.IsInvalid);
    }

    [Fact]
    public void A_tuned_model_is_freed_when_its_base_model_cannot_be_loaded()
    {
        PolicyModel? tuned = null;
        Assert.Throws<CheckpointException>(() => ImplicitReward.Load(
            "tuned", () =>
                tuned = PolicyModel.Load(_folder.File("policy"), Options), () => PolicyModel.Load(_folder.File("missing"), Options)));

        Assert.True(tuned!.Decoder.EmbeddingWeight.IsInvalid);
    }

    [Fact]
    public void A_pair_is_loaded_from_its_folders()
    {
        using AlignmentModels models = AlignmentModels.Load(_folder.File("policy"), _folder.File("reward"), Options);

        Assert.Equal("reward", Assert.Single(models.Rewards).Name);
        Assert.False(models.Policy.Decoder.EmbeddingWeight.IsInvalid);
    }

    public void Dispose() => _folder.Dispose();
}
