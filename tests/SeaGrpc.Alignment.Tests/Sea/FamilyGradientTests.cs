using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>
/// The energy's gradient with every family as policy and reward model, against autograd through the whole relaxed energy.
/// </summary>
public sealed class FamilyGradientTests : IDisposable
{
    private const double RewardWeight = 1.5;
    private static readonly int[] Response = [65, 90, 12, 200, 33, 7, 100];

    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, 30, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, 30, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases => [.. FamilyCheckpoint.Configs.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_autograd(string name)
    {
        using AlignmentModels models = Load(name, ModelDtype.Float32);
        using var scope = NewDisposeScope();
        HardResponses rows = HardResponses.FromRagged([Response], models.Prompts.EosId, models.IsEos, _ => true);
        using var generator = new Generator(3);
        using PromptState prompt = PromptState.Prefill(models, Prompt, new CostCounter());
        var parameters = new SeaParameters { EmbeddingNoise = 0, RewardWeight = RewardWeight };
        using EnergyGradient gradient = EnergyGradient.At(models, prompt, rows, parameters, generator, new CostCounter());
        Tensor actual = gradient.OverVocabulary(0, rows.Positions);

        Tensor relaxed = nn.functional.one_hot(tensor(rows.Tokens), 264).to(ScalarType.Float32).requires_grad_(true);
        Tensor energy = -LogProbability(models.Policy.Decoder, relaxed).Plus(Reward(models.Reward, relaxed).Times(RewardWeight));
        Tensor expected = autograd.grad([energy], [relaxed])[0];
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 0, 1e-4);
    }

    [Fact]
    public void Policy_and_reward_model_may_have_formats_of_their_own()
    {
        using AlignmentModels exact = Load("llama", ModelDtype.Float32);
        using AlignmentModels mixed = Load("llama", ModelDtype.BFloat16);
        ScoredResponse expected = exact.Score([(Prompt, Response)], 1)[0];
        ScoredResponse actual = mixed.Score([(Prompt, Response)], 1)[0];
        Assert.Equal(expected.LogProbability, actual.LogProbability, 1e-4);
        Assert.NotEqual(expected.Reward, actual.Reward);
        Assert.Equal(expected.Reward, actual.Reward, 0.1);
        (_, AlignmentOutcome outcome) = Search.Runs.Run(mixed, new AlignmentTask
        {
            Prompt = Prompt,
            Method = new SeaParameters { Iterations = 2 },
            Seed = 1,
            MaxResponseTokens = 6,
        });
        Assert.True(double.IsFinite(outcome.Response.Energy));
    }

    private AlignmentModels Load(string name, ModelDtype rewardDtype)
    {
        FamilyCheckpoint.Write(_folder.File("policy"), name);
        FamilyCheckpoint.Write(_folder.File("reward"), name, "ForSequenceClassification", seed: 2);
        return new AlignmentModels(
            PolicyModel.Load(_folder.File("policy"), new ModelLoadOptions("cpu", ModelDtype.Float32)),
            RewardModel.Load(_folder.File("reward"), new ModelLoadOptions("cpu", rewardDtype)));
    }

    private static Tensor LogProbability(TransformerDecoder decoder, Tensor relaxed)
    {
        Tensor inputs = cat([Fixed(decoder, Prompt.Policy), matmul(relaxed, decoder.EmbeddingWeight)], 0).unsqueeze(0);
        Tensor hidden = decoder.Forward(inputs)[0].narrow(0, Prompt.Policy.Count - 1, relaxed.shape[0]);
        return (relaxed * nn.functional.log_softmax(decoder.Logits(hidden), -1)).sum();
    }

    // The suffix is the response's own EOS.
    private static Tensor Reward(RewardModel model, Tensor relaxed)
    {
        Tensor inputs = cat([Fixed(model.Decoder, Prompt.Rewards[0].Prefix), matmul(relaxed, model.Decoder.EmbeddingWeight)], 0)
            .unsqueeze(0);
        return model.Head.Rewards(model.Decoder.Forward(inputs)[0][-1].unsqueeze(0)).sum();
    }

    private static Tensor Fixed(TransformerDecoder decoder, IReadOnlyList<int> ids) =>
        decoder.EmbeddingWeight.index_select(0, tensor(ids.Select(id => (long)id).ToArray()));
}
