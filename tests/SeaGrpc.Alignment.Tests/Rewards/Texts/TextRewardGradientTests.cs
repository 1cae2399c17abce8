using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Rewards.Texts;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>What the gradient of a reward model of another vocabulary says of the policy's tokens.</summary>
public sealed class TextRewardGradientTests : IDisposable
{
    private static readonly ModelLoadOptions Options = new("cpu", ModelDtype.Float32);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_tokens_stand_for_the_same_characters_it_is_the_exact_gradient()
    {
        // The reward model's ids 65 and 66 are exchanged: the same tokens, but another vocabulary.
        using var scope = NewDisposeScope();
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 3);
        TinyCheckpoint.WriteReward(_folder.File("reward"), 4);
        string path = _folder.File("reward/tokenizer.json");
        string json = File.ReadAllText(path);
        string exchanged = json.Replace("\"A\": 65", "\"A\": 66").Replace("\"B\": 66", "\"B\": 65");
        Assert.NotEqual(json, exchanged);
        File.WriteAllText(path, exchanged);
        using var models = new AlignmentModels(
            PolicyModel.Load(_folder.File("policy"), Options), RewardModel.Load(_folder.File("reward"), Options));
        var text = Assert.IsType<TextModelReward>(models.Rewards[0]);
        RewardPrompt prompt = models.Prompts.EncodeChat(TextPair.Conversation).Rewards[0];
        int[] answer = models.Policy.Tokenizer.Encode("AB c!");
        int[] own = text.Model.Tokenizer.Encode("AB c!");
        Assert.Equal([66, 65], own[..2]);

        Tensor estimate = Gradient(models, ((IReward)text).Prefill(prompt, models.IsEos, new CostCounter()), answer);
        IRewardState ids = new ModelRewardState(
            text.Model, new RewardPrompt(prompt.Prefix, prompt.Suffix), models.IsEos, new CostCounter());
        Tensor exact = Gradient(models, ids, own);
        for (int position = 0; position < answer.Length; position++)
        {
            Tensor gains = exact[position] - exact[position][own[position]];
            Assert.Equal(0, estimate[position][answer[position]].item<float>());
            Assert.Equal(gains['z'].item<float>(), estimate[position]['z'].item<float>(), 1e-5);
            Assert.Equal(gains[66].item<float>(), estimate[position]['A'].item<float>(), 1e-5);
            Assert.Equal(0, estimate[position][TinyCheckpoint.Pad].item<float>());
        }
    }

    [Fact]
    public void Tokens_are_found_by_their_texts()
    {
        using var pair = new TextPair();
        TextVocabulary found = TextVocabulary.Of(
            pair.Models.Policy.Tokenizer, TinyCheckpoint.VocabularySize, pair.Reward.Tokenizer, pair.Reward.Decoder.Config.VocabularySize);
        Assert.Equal(pair.Reward.Tokenizer.Encode("e")[0], found.Counterparts['e']);
        Assert.Equal(pair.Reward.Tokenizer.Encode(" ")[0], found.Counterparts[' ']);
        Assert.Equal(-1, found.Counterparts[0xE4]); // a piece of a character
        Assert.Equal(-1, found.Counterparts[TinyCheckpoint.Eos]);
    }

    [Fact]
    public void A_position_has_the_gradients_of_the_tokens_that_its_characters_belong_to()
    {
        var policy = new TokenSpans("the cat", [(0, 2), (2, 5), (5, 6), (5, 6), (6, 7)]);
        var whole = new TokenSpans("<s>user: The cat</s>", [(0, 3), (3, 9), (9, 13), (13, 14), (14, 16), (16, 20)]);
        float[,] shares = policy.SharesOf(whole, from: 2);
        Assert.Equal([1, 0, 0, 0], Row(0));
        Assert.Equal([2f / 3, 1f / 3, 0, 0], Row(1));
        Assert.Equal([0, 0, 1, 0], Row(2));
        Assert.Equal([0, 0, 1, 0], Row(3));
        Assert.Equal([0, 0, 1, 0], Row(4));
        Assert.All(new TokenSpans("dog", [(0, 3)]).SharesOf(whole, from: 2).Cast<float>(), share => Assert.Equal(0, share));

        float[] Row(int token) => [.. Enumerable.Range(0, 4).Select(other => shares[token, other])];
    }

    [Fact]
    public void Spans_of_tokens_that_are_pieces_of_a_character_are_the_character()
    {
        using var pair = new TextPair();
        Tokenizer tokenizer = pair.Models.Policy.Tokenizer;
        TokenSpans spans = TokenSpans.Of(tokenizer, tokenizer.Encode("a你b"), keepSpecialTokens: false);
        Assert.Equal("a你b", spans.Text);
        Assert.Equal([(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)], spans.Spans);
    }

    private static Tensor Gradient(AlignmentModels models, IRewardState state, int[] answer)
    {
        using (state)
        {
            HardResponses rows = HardResponses.FromRagged([answer], models.Prompts.EosId, models.IsEos, _ => true);
            using var generator = new Generator(3);
            using IRewardGradient gradient = state.Gradient(rows, 2, new EmbeddingSmoothing(0, generator));
            Tensor sum = zeros([rows.Positions, TinyCheckpoint.VocabularySize]);
            gradient.AddTo(sum, 0, 1);
            return sum;
        }
    }
}
