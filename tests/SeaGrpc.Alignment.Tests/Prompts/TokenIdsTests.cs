using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Prompts;

/// <summary>A prompt of token ids is read exactly as it was sent.</summary>
public sealed class TokenIdsTests
{
    private const int Bos = TinyCheckpoint.Bos;
    private const int User = TinyCheckpoint.User;
    private static readonly TinyShape WithWords = new(AddedTokens: 1);

    public static TheoryData<int[]> Prompts => new()
    {
        new int[] { 72, 105 }, new int[] { Bos, 72, 105 }, new int[] { Bos, Bos, 72, Bos, 105 }, new int[] { User, 72 },
    };

    [Theory]
    [MemberData(nameof(Prompts))]
    public void The_policy_reads_no_id_more_and_none_less(int[] ids)
    {
        using AlignmentModels models = Load(hasTemplate: true);
        EncodedPrompt prompt = models.Prompts.EncodeIds(ids);
        Assert.Equal(ids, prompt.Policy);
    }

    [Fact]
    public void A_reward_model_with_a_template_reads_their_text_as_a_turn()
    {
        using AlignmentModels models = Load(hasTemplate: true);
        RewardPrompt read = models.Prompts.EncodeIds([Bos, Bos, User, 72, 105]).Rewards[0];
        Assert.Equal(models.Prompts.EncodeText("Hi").Rewards[0].Prefix, read.Prefix);
    }

    [Theory]
    [MemberData(nameof(Prompts))]
    public void A_reward_model_without_a_template_reads_the_ids(int[] ids)
    {
        using AlignmentModels models = Load(hasTemplate: false);
        RewardPrompt read = models.Prompts.EncodeIds(ids).Rewards[0];
        Assert.Equal(ids, read.Prefix);
        Assert.Equal([TinyCheckpoint.Eos], read.Suffix);
    }

    [Fact]
    public void Where_an_id_is_no_token_of_its_vocabulary_it_reads_their_text()
    {
        using AlignmentModels models = Load(hasTemplate: false, WithWords);
        int word = TinyCheckpoint.VocabularySize;
        RewardPrompt read = models.Prompts.EncodeIds([72, word]).Rewards[0];
        Assert.Equal([Bos, .. "H{word-261}".Select(letter => (int)letter)], read.Prefix);
    }

    /// <summary>Models whose tokenizers put BOS before a text.</summary>
    private static AlignmentModels Load(bool hasTemplate, TinyShape? policy = null)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 1, policy);
        TinyCheckpoint.WriteReward(folder.File("reward"), 2);
        foreach (string config in (string[])[folder.File("policy/tokenizer_config.json"), folder.File("reward/tokenizer_config.json")])
        {
            string text = File.ReadAllText(config)
                .Replace("\"bos_token\"", "\"add_bos_token\": true, \"bos_token\"", StringComparison.Ordinal);
            bool isKept = hasTemplate || config.Contains("policy", StringComparison.Ordinal);
            File.WriteAllText(config, isKept ? text : text.Replace("\"chat_template\"", "\"no_template\"", StringComparison.Ordinal));
        }

        var options = new ModelLoadOptions("cpu", ModelDtype.Float32);
        return new AlignmentModels(PolicyModel.Load(folder.File("policy"), options), RewardModel.Load(folder.File("reward"), options));
    }
}
