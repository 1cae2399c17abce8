using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>A policy and a reward model that fit each other: the same ids mean the same tokens. One thread owns it.</summary>
public sealed class AlignmentModels : IDisposable
{
    /// <summary>Compares the vocabularies token by token and takes both models over.</summary>
    /// <exception cref="VocabularyMismatchException">They differ; the message names the first differing ids.</exception>
    public AlignmentModels(PolicyModel policy, RewardModel reward)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reward);
        Policy = policy;
        Reward = reward;
        CommonVocabulary vocabulary = CommonVocabulary.Of(
            new ModelVocabulary("policy", policy.Description.Name, policy.Tokenizer, policy.Decoder.Config.VocabularySize),
            [new ModelVocabulary("reward model", reward.Description.Name, reward.Tokenizer, reward.Decoder.Config.VocabularySize)]);
        Prompts = new PromptEncoder(policy, reward);
        LegalTokens = vocabulary.LegalMask(policy, Prompts.EosId);
    }

    /// <summary>The reference policy pi_ref.</summary>
    public PolicyModel Policy { get; }

    /// <summary>The reward model r.</summary>
    public RewardModel Reward { get; }

    /// <summary>Encodes prompts for both.</summary>
    public PromptEncoder Prompts { get; }

    /// <summary>0 where a response may hold the token, -infinity at specials (but EOS), padding and ids that one model lacks: [vocabulary], fp32.</summary>
    internal Tensor LegalTokens { get; }

    /// <summary>Makes the run of a task; nothing is computed before its first <see cref="IAlignmentRun.Advance"/>.</summary>
    public IAlignmentRun Start(AlignmentTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Method switch
        {
            SeaParameters parameters => new SeaRun(this, task, parameters),
            BestOfNParameters parameters => new BestOfNRun(this, task, parameters),
            ArgsParameters parameters => new ArgsRun(this, task, parameters),
            ChunkBeamSearchParameters parameters => new ChunkBeamSearchRun(this, task, parameters),
            BaseParameters parameters => new BaseRun(this, task, parameters),
            _ => throw new ArgumentException($"No algorithm runs {task.Method.GetType().Name}.", nameof(task)),
        };
    }

    /// <summary>Scores given responses (ids without EOS; each is scored as ended by EOS). Independent of batch and padding.</summary>
    /// <param name="pairs">Prompts and response ids.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <returns>One result per pair, in order.</returns>
    public IReadOnlyList<ScoredResponse> Score(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, double rewardWeight)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var results = new ScoredResponse[pairs.Count];
        var cost = new CostCounter();
        var scorer = new ResponseScorer(this, cost);
        foreach (IGrouping<EncodedPrompt, int> group in Enumerable.Range(0, pairs.Count).GroupBy(index => pairs[index].Prompt))
        {
            int[] members = [.. group];
            using PromptState prompt = PromptState.Prefill(this, group.Key, cost);
            HardResponses rows = HardResponses.FromRagged([.. members.Select(index => pairs[index].Response)], Prompts.EosId, IsEos, _ => true);
            IReadOnlyList<ScoredRow> scores = scorer.Score(prompt, rows, rewardWeight);
            for (int row = 0; row < members.Length; row++)
            {
                results[members[row]] = scores[row].Response;
            }
        }

        return results;
    }

    /// <summary>How unlikely each token of a response is under the reference policy: -log pi_ref(y_t | x, y before t), in nats.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids without EOS.</param>
    /// <param name="ended">Whether an EOS follows, which then has the last figure.</param>
    public IReadOnlyList<float> Surprise(EncodedPrompt prompt, IReadOnlyList<int> response, bool ended)
    {
        ArgumentNullException.ThrowIfNull(response);
        int[] ids = ended ? [.. response, Prompts.EosId] : [.. response];
        return ids.Length == 0 ? [] : TokenSurprise.Of(this, prompt, ids);
    }

    /// <summary>Disposes both models.</summary>
    public void Dispose()
    {
        Policy.Dispose();
        Reward.Dispose();
        LegalTokens.Dispose();
    }

    internal bool IsEos(long id) => Policy.Tokenizer.EosIds.Contains((int)id);
}

/// <summary>A policy and a reward model whose vocabularies differ.</summary>
public sealed class VocabularyMismatchException(string message) : Exception(message);
