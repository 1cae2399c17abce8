using SeaGrpc.Alignment;
using SeaGrpc.Cli.Calibration;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;
using TorchSharp;

namespace SeaGrpc.Cli.Tests.Calibration;

[Trait("tier", "slow")]
public sealed class CalibratorTests
{
    private static readonly CalibrationOptions Small = new()
    {
        Samples = 12,
        Responses = 1,
        Substitutions = 16,
        Draws = 2,
        Smoothing = [0, 0.5],
        StepSizes = [0.1, 1],
        TrialIterations = 3,
        Weights = [0.5, 1, 2],
        CheckIterations = 4,
        MaxResponseTokens = 10,
    };

    [Fact]
    public void It_suggests_what_it_measured_and_says_why()
    {
        using AlignmentModels models = TinyModels.Load(3);
        List<WorkProgress> told = [];
        CalibrationReport report = Run(models, new Told(told));

        double[] weights = [.. report.Checks.Select(check => check.RewardWeight)];
        Assert.All(weights.Zip(Small.Weights), pair => Assert.Equal(pair.Second, pair.First / report.Scale.Balance, 0.06 * pair.Second));
        CheckRun[] likely = [.. report.Checks.Where(check => check.LogProbability >= report.Scale.LeastLikely)];
        CheckRun taken = Assert.Single(report.Checks, check => check.RewardWeight == report.Suggested.RewardWeight);
        Assert.True(likely.Length == 0 || (likely.Contains(taken) && taken.Gain >= 0.95 * likely.Max(check => check.Gain)));
        GradientFit chosen = Assert.Single(report.Gradients, fit => fit.Smoothing == report.Suggested.EmbeddingNoise);
        Assert.All(report.Gradients, fit =>
        {
            Assert.InRange(fit.Correlation, -1, 1);
            Assert.InRange(fit.Found, 0, 1);
            Assert.True(chosen.Correlation >= fit.Correlation - 0.01);
        });
        double furthest = report.Steps.Max(step => step.EnergyFall);
        Assert.Equal(report.Steps.First(step => step.EnergyFall >= 0.95 * furthest).StepSize, report.Suggested.StepSize);
        Assert.True(report.Steps[1].ChangesPerIteration >= report.Steps[0].ChangesPerIteration);
        Assert.Equal(3, report.Checks.Count);
        Assert.All(report.Checks, check => Assert.True(check.Reward >= check.DraftReward));
        Assert.Equal(["reward_weight", "embedding_noise", "step_size"], report.Reasons.Select(reason => reason.Parameter));
        Assert.All(report.Reasons, reason => Assert.NotEmpty(reason.Reason));
        Assert.Equal(
            ["sampling the policy", "comparing gradients with exact substitutions", "trying step sizes", "checking reward weights"],
            told.Select(one => one.Name).Distinct());
        Assert.Equal(told.Select(one => one.Name).Distinct(), told.Where(one => one.IsOver).Select(one => one.Name));
    }

    [Fact]
    public void The_same_seed_gives_the_same_suggestion_and_no_tensor_stays()
    {
        using AlignmentModels models = TinyModels.Load(3);
        CalibrationReport first = Run(models);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        CalibrationReport second = Run(models);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(first.Suggested, second.Suggested);
        Assert.Equal(first.Gradients, second.Gradients);
    }

    [Fact]
    public void A_reward_of_twice_the_scale_gets_half_the_weight()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double single = Run(models).Checks[0].RewardWeight;
        using (torch.no_grad())
        {
            models.Reward.Head.Weight.MultiplyInPlace(2);
        }

        Assert.Equal(single / 2, Run(models).Checks[0].RewardWeight, 0.06 * single);
    }

    [Fact]
    public void A_reward_that_tells_nothing_apart_is_an_error_that_says_so()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using (torch.no_grad())
        {
            models.Reward.Head.Weight.zero_();
        }

        Assert.Contains("do not differ", Assert.Throws<CalibrationException>(() => Run(models)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using AlignmentModels models = TinyModels.Load(3);
        Assert.Throws<OperationCanceledException>(() =>
            new Calibrator(models, Small, new Told([])).Run([models.Prompts.EncodeText("Hi")], new CancellationToken(canceled: true)));
    }

    private static CalibrationReport Run(AlignmentModels models, IProgress<WorkProgress>? progress = null) =>
        new Calibrator(models, Small, progress ?? new Told([]))
            .Run([models.Prompts.EncodeText("Hi"), models.Prompts.EncodeText("abc")], default);

    private sealed class Told(List<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told.Add(value);
    }
}
