using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Lab.Training;
using SeaGrpc.Lab.Training.Preferences;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Training.Preferences;

public sealed class PairNetworkTests
{
    public static TheoryData<string> Families => [.. FamilyCheckpoint.Configs.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pair_read_with_its_beginning_once_has_the_rewards_of_both_texts_read_as_a_whole(string name)
    {
        using var folder = new TemporaryFolder();
        FamilyCheckpoint.Write(folder.Path, name);
        PolicyModel model = PolicyModel.Load(folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
        using RewardNetwork network = RewardNetwork.Over(model.Decoder, seed: 1);
        using var reader = new PairNetwork(network, frozenLayers: 1);
        // No answer is a row of its own: both rows are filled on the right, and one pair shares nothing.
        PairIds[] pairs =
        [
            PairIds.Of([5, 6, 7, 8, 9, 10, 11, 12, 13], [5, 6, 7, 8, 9, 10, 21, 22, 23, 24, 25]),
            PairIds.Of([5, 6, 7], [5, 6, 8]),
            PairIds.Of([1, 2], [3, 4, 5]),
        ];
        Assert.Equal([6, 2, 0], pairs.Select(pair => pair.Shared.Length));

        float[] whole = network.Rewards([.. pairs.SelectMany(pair => new[] { pair.ChosenText, pair.RejectedText })]);
        (float[] chosen, float[] rejected) = Tensors.Rewards(reader, pairs);

        for (int row = 0; row < pairs.Length; row++)
        {
            Assert.Equal(whole[2 * row], chosen[row], 1e-4f);
            Assert.Equal(whole[(2 * row) + 1], rejected[row], 1e-4f);
        }
    }

    [Fact]
    public void A_pair_is_encoded_as_the_server_reads_an_answer_and_its_end()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WriteTokenizer(folder.Path);
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);
        var encoder = new PairEncoder(new ConversationEncoder(tokenizer, ChatTemplate.Load(folder.Path)));
        PairIds ids = encoder.Encode(new PreferencePair(1, [new ChatMessage("user", "hi")], "yes", "you <|eos|>"));
        Assert.Equal("<|bos|><|user|>hi<|assistant|>y", tokenizer.Decode(ids.Shared, keepSpecialTokens: true));
        Assert.Equal([.. "es"u8.ToArray().Select(value => (int)value), TinyCheckpoint.Eos], ids.Chosen);
        // A special token inside an answer is text.
        Assert.Equal([.. "ou <|eos|>"u8.ToArray().Select(value => (int)value), TinyCheckpoint.Eos], ids.Rejected);
    }
}
