using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Rewards.Texts;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

public sealed class CommonVocabularyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Padding_rows_and_special_tokens_are_masked()
    {
        using AlignmentModels models = Load();
        float[] mask = models.LegalTokens.data<float>().ToArray();
        Assert.Equal(264, mask.Length);
        Assert.All(mask[..256], legal => Assert.Equal(0, legal));
        Assert.Equal(
            [float.NegativeInfinity, 0, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
                float.NegativeInfinity, float.NegativeInfinity],
            mask[256..]);
    }

    [Fact]
    public void Special_tokens_that_the_reward_model_names_otherwise_are_no_mismatch()
    {
        using AlignmentModels models = Load(("<|pad|>", "<|score|>"));
        Assert.Equal(float.NegativeInfinity, models.LegalTokens.data<float>()[TinyCheckpoint.Pad]);
        Assert.Equal(0, models.LegalTokens.data<float>()[65]);
    }

    [Fact]
    public void A_token_that_one_of_them_lacks_is_masked()
    {
        using AlignmentModels models = Load(("\"A\":65,", "\"A\":65,\"AB\":261,"), "policy");
        Assert.Equal((0, float.NegativeInfinity), (models.LegalTokens.data<float>()[65], models.LegalTokens.data<float>()[261]));
    }

    [Fact]
    public void A_reward_model_whose_tokens_differ_reads_text()
    {
        using AlignmentModels models = Load(("\"A\":65,\"B\":66,", "\"B\":65,\"A\":66,"));
        Assert.IsType<TextModelReward>(models.Rewards[0]);
        Assert.Equal(0, models.LegalTokens.data<float>()[65]);
    }

    [Fact]
    public void Models_that_read_ids_are_refused_if_tokens_differ_and_the_first_are_named()
    {
        using AlignmentModels models = Load(("\"A\":65,\"B\":66,", "\"B\":65,\"A\":66,"));
        RewardModel reward = ((TextModelReward)models.Rewards[0]).Model;
        var error = Assert.Throws<VocabularyMismatchException>(
            () => CommonVocabulary.Of(models.Policy.Vocabulary(), [reward.Vocabulary()]));
        Assert.Contains("id 65 is \"A\" and \"B\"; id 66 is \"B\" and \"A\"; 2 of 264 ids differ", error.Message, StringComparison.Ordinal);
    }

    private AlignmentModels Load((string From, string To)? change = null, string role = "reward")
    {
        FamilyCheckpoint.Write(_folder.File("policy"), "llama");
        FamilyCheckpoint.Write(_folder.File("reward"), "llama", "ForSequenceClassification", seed: 2);
        string path = _folder.File($"{role}/tokenizer.json");
        string json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.ToJsonString();
        if (change is { } wanted)
        {
            Assert.Contains(wanted.From, Plain(json), StringComparison.Ordinal);
            File.WriteAllText(path, Plain(json).Replace(wanted.From, wanted.To, StringComparison.Ordinal));
            string config = _folder.File($"{role}/tokenizer_config.json");
            File.WriteAllText(config, Plain(File.ReadAllText(config)).Replace(wanted.From, wanted.To, StringComparison.Ordinal));
        }

        return new AlignmentModels(
            PolicyModel.Load(_folder.File("policy"), new ModelLoadOptions("cpu")),
            RewardModel.Load(_folder.File("reward"), new ModelLoadOptions("cpu")));
    }

    private static string Plain(string json) =>
        json.Replace("\\u003C", "<", StringComparison.Ordinal).Replace("\\u003E", ">", StringComparison.Ordinal);
}
