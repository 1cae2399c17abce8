using SeaGrpc.Alignment.Args;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Oracle;

/// <summary>ARGS as one would first write it: greedy, no cache, every candidate's whole sequence read anew, one at a time.</summary>
internal sealed class PlainArgs(AlignmentModels models, AlignmentTask task, ArgsParameters parameters)
{
    private readonly PlainDecoder _policy = new(models.Policy.Decoder, ScalarType.Float32);
    private readonly PlainDecoder _reward = new(models.Reward.Decoder, ScalarType.Float32);

    /// <summary>The response's ids, its EOS included where it has one, and the reward of each step's choice.</summary>
    public (List<int> Tokens, List<double> Rewards) Respond()
    {
        using var scope = NewDisposeScope();
        List<int> tokens = [.. task.ResponsePrefix];
        List<double> rewards = [];
        while (tokens.Count < task.MaxResponseTokens && (tokens.Count == 0 || !models.IsEos(tokens[^1])))
        {
            Tensor hidden = Read(_policy, [.. task.Prompt.Policy, .. tokens]);
            Tensor logits = matmul(hidden, _policy.Output.t()).Plus(models.LegalTokens);
            (int Token, double Reward, double Score) best = (0, 0, double.NegativeInfinity);
            foreach (int token in logits.argsort(-1, descending: true).data<long>().Take(parameters.Candidates))
            {
                double reward = Reward([.. tokens, token]);
                double score = logits[token].item<float>() + parameters.GuidanceWeight * reward;
                if (score > best.Score)
                {
                    best = (token, reward, score);
                }
            }

            tokens.Add(best.Token);
            rewards.Add(best.Reward);
        }

        return (tokens, rewards);
    }

    private double Reward(int[] tokens)
    {
        bool ended = models.IsEos(tokens[^1]);
        bool whole = ended || tokens.Length == task.MaxResponseTokens || parameters.PrefixScoring == ArgsPrefixScoring.EosAppended;
        int[] content = ended ? tokens[..^1] : tokens;
        Tensor hidden = Read(_reward, [.. task.Prompt.Rewards[0].Prefix, .. content, .. whole ? task.Prompt.Rewards[0].Suffix : []]);
        return matmul(models.Reward.Head.Weight, hidden).item<float>();
    }

    private static Tensor Read(PlainDecoder decoder, int[] ids)
    {
        Tensor embedded = decoder.Embedding.index_select(0, tensor(ids.Select(id => (long)id).ToArray()));
        return decoder.Forward(embedded.unsqueeze(0))[0][ids.Length - 1];
    }
}
