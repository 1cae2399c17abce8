using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Oracle;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>The fast gradient against the plain one, and both against finite differences.</summary>
[Trait("tier", "slow")]
public sealed class EnergyGradientTests
{
    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, 30, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, 30, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);

    public static TheoryData<TinyShape, TinyShape, SeaReference, double> Cases => new()
    {
        { new TinyShape(), new TinyShape(), SeaReference.Full, 1 },
        { new TinyShape(Hidden: 32, Layers: 3, Heads: 4, KeyValueHeads: 4, HeadSize: 8), new TinyShape(), SeaReference.Full, 0.7 },
        { new TinyShape(Heads: 4, KeyValueHeads: 2, HeadSize: 6, Tied: false), new TinyShape(
            Hidden: 24, Layers: 1, Heads: 3, KeyValueHeads: 1), SeaReference.Full, 1 },
        { new TinyShape(Tied: false), new TinyShape(), SeaReference.Detached, 1.3 },
        { new TinyShape(), new TinyShape(Hidden: 48, Heads: 6, KeyValueHeads: 3), SeaReference.None, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_plain_version(TinyShape policy, TinyShape reward, SeaReference reference, double temperature)
    {
        using AlignmentModels models = TinyModels.Load(5, policy, reward);
        using var scope = NewDisposeScope();
        var parameters = new SeaParameters { Reference = reference, Temperature = temperature, EmbeddingNoise = 0, RewardWeight = 2.5 };
        HardResponses rows = Rows();
        using var generator = new Generator(3);
        Tensor logits = Logits(rows, generator);
        using PromptState prompt = PromptState.Prefill(models, Prompt, new CostCounter());
        using EnergyGradient gradient = EnergyGradient.At(models, prompt, rows, parameters, generator, new CostCounter());

        Tensor all = StraightThrough.Backward(
            logits.flatten(0, 1), gradient.OverVocabulary(0, rows.Rows * rows.Positions), temperature).view(logits.shape);

        // In double precision, so that what is measured is the fast version's own rounding.
        var plain = new PlainSea(models, Prompt, parameters, ScalarType.Float64);
        for (int row = 0; row < rows.Rows; row++)
        {
            int active = rows.TargetLengths[row];
            Tensor expected = plain.Gradient(logits[row], rows, row).narrow(0, 0, active);
            Tensor actual = all[row].narrow(0, 0, active).to(ScalarType.Float64);
            double relative = ((actual - expected).norm() / expected.norm()).item<double>();
            Assert.True(expected.norm().item<double>() > 1e-3, "the gradient is too small to compare");
            Assert.InRange(relative, 0, 1e-4);
        }
    }

    [Fact]
    public void Agrees_with_finite_differences()
    {
        using AlignmentModels models = TinyModels.Load(9);
        using var scope = NewDisposeScope();
        var parameters = new SeaParameters { EmbeddingNoise = 0, RewardWeight = 1.5 };
        HardResponses rows = Rows();
        using var generator = new Generator(3);
        using PromptState prompt = PromptState.Prefill(models, Prompt, new CostCounter());
        using EnergyGradient gradient = EnergyGradient.At(models, prompt, rows, parameters, generator, new CostCounter());
        Tensor relaxed = gradient.OverVocabulary(0, rows.Rows * rows.Positions);
        var plain = new PlainSea(models, Prompt, parameters, ScalarType.Float64);
        using var noGrad = no_grad();
        const double Delta = 1e-5;
        Tensor onehot = nn.functional.one_hot(PlainSea.Ids(rows, 0), TinyCheckpoint.VocabularySize).to(ScalarType.Float64);
        foreach ((int position, int token) in new[] { (0, 65), (1, 200), (3, 7), (5, 90), (6, 128) })
        {
            double At(double shift)
            {
                Tensor moved = onehot.clone();
                moved[position, token] += shift;
                return plain.Energy(moved, rows.ContentLengths[0], rows.TargetLengths[0]).item<double>();
            }

            double numeric = (At(Delta) - At(-Delta)) / (2 * Delta);
            double analytic = relaxed[position, token].item<float>();
            Assert.InRange(analytic, numeric - 1e-3 - Math.Abs(numeric) * 1e-3, numeric + 1e-3 + Math.Abs(numeric) * 1e-3);
        }
    }

    [Fact]
    public void Positions_after_the_end_have_no_gradient()
    {
        using AlignmentModels models = TinyModels.Load(9);
        using var scope = NewDisposeScope();
        HardResponses rows = Rows();
        using var generator = new Generator(3);
        using PromptState prompt = PromptState.Prefill(models, Prompt, new CostCounter());
        using EnergyGradient gradient = EnergyGradient.At(
            models, prompt, rows, new SeaParameters { EmbeddingNoise = 0 }, generator, new CostCounter());
        Tensor relaxed = gradient.OverVocabulary(0, rows.Rows * rows.Positions).view(rows.Rows, rows.Positions, -1);

        Assert.True(rows.TargetLengths[1] < rows.Positions);
        Assert.Equal(0, relaxed[1].narrow(0, rows.TargetLengths[1], rows.Positions - rows.TargetLengths[1]).abs().max().item<float>());
    }

    /// <summary>Three rows: to the limit, ended early, ended at the last position.</summary>
    private static HardResponses Rows() => new(
        [
            65, 66, 67, 68, 69, 70, 71,
            80, 81, 82, TinyCheckpoint.Eos, 3, 4, 5,
            90, 91, 92, 93, 94, 95, TinyCheckpoint.Eos,
        ],
        3,
        id => id == TinyCheckpoint.Eos);

    /// <summary>Random logits whose argmax is the rows' tokens.</summary>
    private static Tensor Logits(HardResponses rows, Generator generator)
    {
        Tensor logits = randn([rows.Rows, rows.Positions, TinyCheckpoint.VocabularySize], generator: generator);
        Tensor ids = tensor(rows.Tokens).view(rows.Rows, rows.Positions, 1);
        return logits.scatter(2, ids, logits.max().Plus(1).expand(ids.shape));
    }
}
