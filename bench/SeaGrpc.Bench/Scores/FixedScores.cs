using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Scores;

/// <summary>Log-probabilities and rewards of fixed ids, for another implementation to be compared with on the same folders.</summary>
public static class FixedScores
{
    private const int Sequences = 4;
    private const int Length = 64;

    /// <summary>Ids of the embedded tokenizer that are neither special nor padding.</summary>
    private const int Ids = 256;

    /// <summary>Reads the ids with both models.</summary>
    /// <param name="folder">With the folders policy and reward.</param>
    /// <param name="options">Where and how to load.</param>
    public static FixedScoreFigures Measure(string folder, ModelLoadOptions options)
    {
        long[][] ids =
        [
            .. Enumerable
                .Range(0, Sequences)
                .Select(row => Enumerable.Range(0, Length).Select(at => (long)(((at * 37) + (row * 101)) % Ids)).ToArray()),
        ];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double[][] logProbabilities;
        using (PolicyModel policy = PolicyModel.Load(Path.Combine(folder, "policy"), options))
        {
            logProbabilities = [.. ids.Select(row => LogProbabilities(policy, row))];
        }

        using RewardModel reward = RewardModel.Load(Path.Combine(folder, "reward"), options);
        return new FixedScoreFigures(ids, logProbabilities, [.. ids.Select(row => Reward(reward, row))]);
    }

    private static double[] LogProbabilities(PolicyModel policy, long[] row)
    {
        using var scope = NewDisposeScope();
        Tensor read = tensor(row, device: policy.Decoder.Device).unsqueeze(0);
        Tensor logits = policy.Decoder.Logits(policy.Decoder.Forward(policy.Decoder.Embed(read)))[0].to(ScalarType.Float32);
        Tensor next = read[0].narrow(0, 1, row.Length - 1).unsqueeze(-1);
        return [.. nn.functional.log_softmax(logits.narrow(0, 0, row.Length - 1), -1)
            .gather(-1, next)
            .flatten()
            .cpu()
            .data<float>()
            .Select(value => (double)value)];
    }

    private static double Reward(RewardModel reward, long[] row)
    {
        using var scope = NewDisposeScope();
        Tensor read = tensor(row, device: reward.Decoder.Device).unsqueeze(0);
        Tensor last = reward.Decoder.Forward(reward.Decoder.Embed(read))[0].narrow(0, row.Length - 1, 1);
        return reward.Head.Rewards(last).to(ScalarType.Float64).cpu().data<double>()[0];
    }
}

/// <summary>What was read, and what the models said.</summary>
/// <param name="Ids">[sequences, positions].</param>
/// <param name="LogProbabilities">Of each id but the first, given those before it, in nats: [sequences, positions - 1].</param>
/// <param name="Rewards">Of each sequence, read at its last position.</param>
public sealed record FixedScoreFigures(long[][] Ids, double[][] LogProbabilities, double[] Rewards);
