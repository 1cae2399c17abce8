using SeaGrpc.Alignment;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Rewards;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Rewards;

public sealed class ExactAnswerOfRowTests
{
    private static readonly DatasetRow[] Rows =
        [new("1", 1, "One and one?") { Reference = "2" }, new("2", 2, "Two and two?") { Reference = "4" }];

    [Theory]
    [InlineData("One and one?", "It is 2.", 1)]
    [InlineData("One and one?", "#### 2.0", 1)]
    [InlineData("One and one?", "It is 4.", 0)]
    [InlineData("Two and two?", "2 and 2 make 4", 1)]
    [InlineData("Two and two?", "2 and 2", 0)]
    [InlineData("Two and two?", "", 0)]
    [InlineData("Three and three?", "#### 6", 0)]
    public void An_answer_is_worth_1_where_it_is_the_rows(string question, string answer, double worth)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 1);
        PolicyModel policy = PolicyModel.Load(folder.File("policy"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        using var models = new AlignmentModels(
            policy, [new ExactAnswerReward(policy, DatasetSuite.Gsm8k, ExactAnswerJudge.Numbers, Rows)]);
        string asked = DatasetSuite.Gsm8k.Prompt(new DatasetRow("x", 1, question));
        EncodedPrompt prompt = models.Prompts.EncodeChat([new ChatMessage("user", asked)]);

        ScoredResponse scored = models.Score([(prompt, models.Prompts.EncodeResponse(answer))], 8)[0];

        Assert.Equal(worth, scored.Reward);
        Assert.Equal(-scored.LogProbability - (8 * worth), scored.Energy, 1e-6);
        Assert.False(models.HasRewardGradient);
    }
}
