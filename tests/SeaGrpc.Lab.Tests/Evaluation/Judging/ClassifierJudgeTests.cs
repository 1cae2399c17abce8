using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

public sealed class ClassifierJudgeTests : IDisposable
{
    private static readonly DatasetRow Row = new("1", 1, "Is it so?");

    private readonly TemporaryFolder _folder = new();

    public ClassifierJudgeTests() => TinyCheckpoint.WriteReward(_folder.File("classifier"), 4);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_logit_is_what_scoring_gives_as_reward()
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 3);
        using var models = new AlignmentModels(PolicyModel.Load(_folder.File("policy")), RewardModel.Load(_folder.File("classifier")));
        using ResponseClassifier classifier = Load();

        double reward = models.Score(
            [(models.Prompts.EncodeChat([new ChatMessage("user", Row.Question)]), models.Policy.Tokenizer.Encode("It is."))], 1)[0].Reward;

        Assert.Equal(reward, classifier.Logit(Row.Question, "It is."), 1e-4);
    }

    [Fact]
    public async Task The_threshold_decides()
    {
        using ResponseClassifier classifier = Load();
        double logit = classifier.Logit(Row.Question, "It is.");
        using var below = new ClassifierJudge(classifier, logit - 0.01);
        var above = new ClassifierJudge(classifier, logit + 0.01);

        Assert.True((await below.JudgeAsync(Row, "It is.", TestContext.Current.CancellationToken)).Counts);
        Assert.False((await above.JudgeAsync(Row, "It is.", TestContext.Current.CancellationToken)).Counts);
        Assert.NotEqual(below.Settings["threshold"], above.Settings["threshold"]);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_has_no_verdict()
    {
        using var judge = new ClassifierJudge(Load(), 0);

        JudgeException error = await Assert.ThrowsAsync<JudgeException>(
            () => judge.JudgeAsync(Row, new string('a', 600), TestContext.Current.CancellationToken));
        Assert.Contains("reads at most 512", error.Message, StringComparison.Ordinal);
    }

    private ResponseClassifier Load() => new(RewardModel.Load(_folder.File("classifier")));
}
