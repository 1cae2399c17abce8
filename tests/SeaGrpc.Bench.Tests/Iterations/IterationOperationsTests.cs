using SeaGrpc.Bench.Iterations;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Bench.Tests.Iterations;

/// <summary>The formula against a count of every product, one by one.</summary>
public sealed class IterationOperationsTests
{
    private static readonly TransformerConfig Policy = Shape(
        hidden: 6, layers: 2, heads: 4, groups: 2, headSize: 3, feedForward: 10, vocabulary: 17);
    private static readonly TransformerConfig Reward = Shape(
        hidden: 8, layers: 1, heads: 2, groups: 1, headSize: 5, feedForward: 7, vocabulary: 19);

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(2, 5, 4)]
    [InlineData(3, 2, 7)]
    public void Counts_what_is_multiplied(int chains, int prompt, int positions)
    {
        var operations = IterationOperations.Of(Policy, Reward, new IterationSetting(chains, prompt, positions));

        long policyForward = Body(Policy, chains, prompt, positions - 1, backward: false);
        long rewardForward = Body(Reward, chains, prompt, positions, backward: false);
        long logits = Product(chains * positions, Policy.HiddenSize, Policy.VocabularySize);
        long needed = policyForward + Body(Policy, chains, prompt, positions - 1, backward: true)
            + rewardForward + Body(Reward, chains, prompt, positions, backward: true)
            + (3 * logits);
        Assert.Equal(needed, operations.Necessary);
        Assert.Equal(needed + Product(chains * positions, Reward.HiddenSize, Reward.VocabularySize), operations.Gradient);
        Assert.Equal(policyForward + rewardForward, operations.Reading);
        Assert.Equal(logits, operations.Logits);
    }

    private static long Body(TransformerConfig shape, int chains, int prompt, int positions, bool backward)
    {
        long sum = 0;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            foreach ((int inputs, int outputs) in new[]
            {
                (shape.HiddenSize, shape.HeadCount * shape.HeadSize),
                (shape.HiddenSize, shape.KeyValueHeadCount * shape.HeadSize),
                (shape.HiddenSize, shape.KeyValueHeadCount * shape.HeadSize),
                (shape.HeadCount * shape.HeadSize, shape.HiddenSize),
                (shape.HiddenSize, shape.IntermediateSize),
                (shape.HiddenSize, shape.IntermediateSize),
                (shape.IntermediateSize, shape.HiddenSize),
            })
            {
                sum += Product(chains * positions, inputs, outputs);
            }

            for (int query = 0; query < chains * shape.HeadCount * positions; query++)
            {
                for (int key = 0; key < prompt + (query % positions) + 1; key++)
                {
                    // Forward: score and value. Backward: the gradients of the weight and of the query, and, for keys of the response, of
                    // key and value.
                    int products = !backward || key < prompt ? 2 : 4;
                    sum += products * Product(1, shape.HeadSize, 1);
                }
            }
        }

        return sum;
    }

    private static long Product(int rows, int inner, int columns)
    {
        long count = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                count += 2 * inner;
            }
        }

        return count;
    }

    private static TransformerConfig Shape(int hidden, int layers, int heads, int groups, int headSize, int feedForward, int vocabulary) =>
        new()
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = feedForward,
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = groups,
            HeadSize = headSize,
            MaxPositions = 64,
            RopeTheta = 10_000,
            RmsNormEpsilon = 1e-5,
            TieWordEmbeddings = true,
        };
}
