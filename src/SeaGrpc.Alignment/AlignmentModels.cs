using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Policies.Engines;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// A policy and its rewards. Those that read ids have compatible vocabularies: the same ids mean the same tokens. Not thread-safe.
/// </summary>
public sealed class AlignmentModels : IAlignmentBackend
{
    private readonly KeptReadings _kept = new();

    /// <summary>Creates a pair with one reward model, of any vocabulary.</summary>
    public AlignmentModels(PolicyModel policy, RewardModel reward)
        : this(policy, [ModelRewards.Of((reward ?? throw new ArgumentNullException(nameof(reward))).Description.Name, reward, policy)])
    {
    }

    /// <summary>Compares the vocabularies token by token and takes ownership of all models.</summary>
    /// <param name="policy">The reference policy.</param>
    /// <param name="rewards">The rewards; at least one, with distinct names.</param>
    /// <param name="engine">Where the policy runs, if it is not loaded; otherwise null.</param>
    /// <exception cref="VocabularyMismatchException">
    /// The vocabulary of a reward that reads ids differs from the policy's. The message names the first ids that do. Or a reward lacks
    /// more of them than an engine can leave out.
    /// </exception>
    public AlignmentModels(PolicyModel policy, IReadOnlyList<IReward> rewards, IPolicy? engine = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rewards);
        if (rewards.Count == 0 || rewards.DistinctBy(reward => reward.Name).Count() < rewards.Count)
        {
            throw new ArgumentException("There must be at least one reward, each with its own name.", nameof(rewards));
        }

        if (policy.IsLoaded != (engine is null))
        {
            throw new ArgumentException("The policy is either loaded or runs elsewhere.", nameof(engine));
        }

        Policy = policy;
        Rewards = rewards;
        Engine = engine;
        ModelVocabulary own = policy.Vocabulary();
        ModelVocabulary[] readers = [.. rewards.SelectMany(reward => reward.Vocabularies)];
        CommonVocabulary vocabulary = CommonVocabulary.Of(own, readers);
        SharedRows = readers.Append(own).Min(model => model.Rows);
        Prompts = new PromptEncoder(policy, rewards);
        LegalTokens = vocabulary.LegalMask(policy, Prompts.EosId);
        Reference = engine is null ? new LoadedReference(this) : new EngineReference(this, engine);
        foreach (TransformerDecoder decoder in rewards.SelectMany(reward => reward.Decoders).Concat(Reference.Decoders))
        {
            decoder.Kept = _kept;
        }

        TransformerDecoder[] borrowers = [.. rewards.SelectMany(reward => reward.Decoders).Where(SharesLayers)];
        if (borrowers.Length > 0)
        {
            int layers = borrowers.Min(decoder => decoder.SharedLayers);
            Array.ForEach([.. Reference.Decoders, .. borrowers], decoder => decoder.SplitAt(layers));
        }
    }

    /// <summary>Loads a policy and its rewards. If one of them fails to load or does not fit, the others are disposed.</summary>
    /// <param name="loadPolicy">Loads the policy.</param>
    /// <param name="loadRewards">Loads the rewards, given the policy. Disposes its own models if it fails.</param>
    /// <param name="engine">Where the policy runs, if it is not loaded; otherwise null. It stays the caller's if loading fails.</param>
    /// <exception cref="VocabularyMismatchException">The vocabularies differ. The message names the first ids that do.</exception>
    public static AlignmentModels Load(
        Func<PolicyModel> loadPolicy, Func<PolicyModel, IReadOnlyList<IReward>> loadRewards, IPolicy? engine = null)
    {
        ArgumentNullException.ThrowIfNull(loadPolicy);
        ArgumentNullException.ThrowIfNull(loadRewards);
        PolicyModel policy = loadPolicy();
        IReadOnlyList<IReward> rewards = [];
        try
        {
            rewards = loadRewards(policy);
            return new AlignmentModels(policy, rewards, engine);
        }
        catch
        {
            policy.Dispose();
            foreach (IReward reward in rewards)
            {
                reward.Dispose();
            }

            throw;
        }
    }

    /// <summary>Loads a policy and one reward model from their folders. If the second fails, the first is disposed.</summary>
    /// <param name="policyFolder">Folder of the policy.</param>
    /// <param name="rewardFolder">Folder of the reward model.</param>
    /// <param name="options">Device and number format of both.</param>
    public static AlignmentModels Load(string policyFolder, string rewardFolder, ModelLoadOptions? options = null) => Load(
        () => PolicyModel.Load(policyFolder, options),
        policy => [ModelRewards.Load(() => RewardModel.Load(rewardFolder, options, beside: policy), policy)]);

    /// <summary>Loads a policy and one reward model. If the second fails, the first is disposed.</summary>
    /// <param name="loadPolicy">Loads the policy.</param>
    /// <param name="loadReward">Loads the reward model.</param>
    public static AlignmentModels Load(Func<PolicyModel> loadPolicy, Func<RewardModel> loadReward)
    {
        ArgumentNullException.ThrowIfNull(loadReward);
        return Load(loadPolicy, policy => [ModelRewards.Load(loadReward, policy)]);
    }

    /// <summary>The reference policy pi_ref.</summary>
    public PolicyModel Policy { get; }

    /// <summary>The rewards. r is their sum, weighted by a task's mixture weights.</summary>
    public IReadOnlyList<IReward> Rewards { get; }

    /// <summary>Whether every reward has a gradient.</summary>
    public bool HasRewardGradient => Rewards.All(reward => reward.HasGradient);

    /// <inheritdoc/>
    public bool AsksOutside => Reference.IsOutside || Rewards.Any(reward => reward.Address is not null);

    /// <summary>Where the policy runs; null if it is loaded.</summary>
    public IPolicy? Engine { get; }

    /// <summary>
    /// Every model that reads ids of responses has an embedding for those below this one; a caller's response may contain no others.
    /// </summary>
    public int SharedRows { get; }

    /// <summary>Encodes prompts for all models.</summary>
    public PromptEncoder Prompts { get; }

    /// <inheritdoc/>
    public long MemoryShare => MemoryLimit ?? Alignment.MemoryShare.Of(this);

    /// <summary>
    /// <see cref="MemoryShare"/> where other models share the device, in bytes; null for what these models leave of the device's memory.
    /// </summary>
    public long? MemoryLimit { get; set; }

    /// <inheritdoc/>
    public long KeptBytes => _kept.HeldBytes;

    /// <summary>
    /// Mask of the tokens that a response may contain: 0 for these, and -infinity for special tokens (except EOS), padding and ids that one
    /// model lacks; [vocabulary], fp32.
    /// </summary>
    internal Tensor LegalTokens { get; }

    /// <inheritdoc/>
    public void KeepReadings(long bytes) => _kept.Limit = bytes;

    /// <summary>The reference policy, wherever it runs.</summary>
    internal IReferencePolicy Reference { get; }

    /// <summary>Makes the run of a task; nothing is computed before its first <see cref="IAlignmentRun.Advance"/>.</summary>
    /// <exception cref="ArgumentException">
    /// The method needs a gradient that a reward with a mixture weight has not, or more of the policy than its engine tells.
    /// </exception>
    public IAlignmentRun Start(AlignmentTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (Reference.Refusal(task) is { } unfit)
        {
            throw new ArgumentException($"The method {unfit}.", nameof(task));
        }

        foreach (IReward reward in Rewards.Where((_, index) => task.MixtureWeights?[index] != 0))
        {
            if (RewardFit.Refusal(task.Method, reward.Name, reward.HasGradient, reward.HasExactGradient) is { } refusal)
            {
                throw new ArgumentException($"The method {refusal}.", nameof(task));
            }
        }

        IAlignmentRun run = task.Method switch
        {
            SeaParameters parameters => new SeaRun(this, task, parameters),
            BestOfNParameters parameters => new SearchRun(this, task, parameters.Plan()),
            ArgsParameters parameters => new SearchRun(this, task, parameters.Plan(task)),
            ChunkBeamSearchParameters parameters => new SearchRun(this, task, parameters.Plan(task)),
            EnergySearchParameters parameters => new EnergySearchRun(this, task, parameters),
            BaseParameters parameters => new BaseRun(this, task, parameters),
            _ => throw new ArgumentException($"No algorithm implements {task.Method.GetType().Name}.", nameof(task)),
        };
        run = task is { Draft: not null, MinRewardGain: > 0 } ? new DraftKeepingRun(run, task) : run;
        return task.Stops is { } stops ? new StoppingRun(run, stops) : run;
    }

    /// <inheritdoc/>
    public TaskMemory MemoryOf(AlignmentTask task) => TaskMemory.Of(this, task);

    /// <inheritdoc/>
    public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) =>
        TaskMemory.OfScores(this, pairs, together);

    /// <summary>
    /// Scores given responses (ids without EOS; each is scored as if EOS followed). The scores do not depend on batching and padding.
    /// </summary>
    /// <param name="pairs">Prompts and response ids.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="mixtureWeights">The mixture weight of each reward, in the order of <see cref="Rewards"/>; null for 1 each.</param>
    /// <param name="referenceTemperature">Temperature of pi_ref; above 0.</param>
    /// <returns>One result per pair, in order.</returns>
    public IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var results = new ScoredResponse[pairs.Count];
        var cost = new CostCounter();
        var scorer = new ResponseScorer(this);
        (EncodedPrompt Prompt, int[] Members, HardResponses Rows)[] groups =
        [
            .. Enumerable.Range(0, pairs.Count).GroupBy(index => pairs[index].Prompt).Select(group => (
                group.Key,
                group.ToArray(),
                HardResponses.FromRagged([.. group.Select(index => pairs[index].Response)], Prompts.EosId, IsEos, _ => true))),
        ];
        IDisposable?[] asked =
        [
            .. Rewards.Index()
                .Where(one => mixtureWeights?[one.Index] != 0)
                .Select(one => one.Item.Announce(
                [
                    .. groups.Select(group => (
                        group.Prompt.Rewards[one.Index],
                        (IReadOnlyList<IReadOnlyList<int>>)[.. group.Members.Select(index => pairs[index].Response)])),
                ])),
        ];
        IRowReading?[] told = [.. groups.Select(group => Reference.Announce(group.Prompt, group.Rows, cost))];
        try
        {
            foreach ((int at, (EncodedPrompt own, int[] members, HardResponses rows)) in groups.Index())
            {
                using PromptState prompt = PromptState.Prefill(this, own, cost, mixtureWeights, referenceTemperature);
                IReadOnlyList<ScoredRow> scores = scorer.Score(prompt, rows, rewardWeight, told[at]);
                for (int row = 0; row < members.Length; row++)
                {
                    results[members[row]] = scores[row].Response;
                }
            }
        }
        finally
        {
            Array.ForEach(asked, request => request?.Dispose());
            Array.ForEach(told, reading => reading?.Dispose());
        }

        return results;
    }

    /// <summary>Surprisal of each token of a response under the reference policy: -log pi_ref(y_t | x, y before t), in nats.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids without EOS.</param>
    /// <param name="ended">Whether EOS follows; its surprisal is then the last value.</param>
    public IReadOnlyList<float> Surprisal(EncodedPrompt prompt, IReadOnlyList<int> response, bool ended)
    {
        ArgumentNullException.ThrowIfNull(response);
        int[] ids = ended ? [.. response, Prompts.EosId] : [.. response];
        if (ids.Length == 0)
        {
            return [];
        }

        using IPolicyState state = Reference.Prefill(prompt, new CostCounter());
        return [.. state.Read(ids, alternatives: 0).LogProbabilities.Select(own => -own)];
    }

    /// <inheritdoc/>
    public ReadTokens ReadTokens(
        EncodedPrompt prompt, IReadOnlyList<int> response, int alternatives, double referenceTemperature,
        IReadOnlyList<double>? gradientOf = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentOutOfRangeException.ThrowIfZero(response.Count, nameof(response));
        double[] weights = gradientOf is not null && HasGradientOf(gradientOf) ? [.. gradientOf] : new double[Rewards.Count];
        var cost = new CostCounter();
        using PromptState state = PromptState.Prefill(this, prompt, cost, weights);
        ReadTokens read = state.Policy.Read(response, alternatives, referenceTemperature);
        HardResponses rows = HardResponses.FromRagged([response], Prompts.EosId, IsEos, _ => false);
        return read with
        {
            RewardGradientNorms = weights.All(weight => weight == 0) ? null : RewardNorms.Of(this, state, rows, rewardWeight: 1, cost),
            RewardTokens = cost.Cost.RewardTokens,
        };
    }

    /// <inheritdoc/>
    public TaskMemory MemoryOfReading(EncodedPrompt prompt, IReadOnlyList<int> response, IReadOnlyList<double>? gradientOf) =>
        TaskMemory.OfScores(this, [(prompt, response)], 1, backward: gradientOf is not null && HasGradientOf(gradientOf));

    /// <summary>Disposes all models.</summary>
    public void Dispose()
    {
        foreach (IReward reward in Rewards)
        {
            reward.Dispose();
        }

        Policy.Dispose();
        Engine?.Dispose();
        LegalTokens.Dispose();
    }

    // Whether the weighted rewards have a gradient at the policy's own tokens.
    private bool HasGradientOf(IReadOnlyList<double> mixtureWeights) =>
        !Reference.IsOutside && Rewards.Where((_, index) => mixtureWeights[index] != 0).All(reward => reward.HasExactGradient);

    /// <summary>Whether another job is reading the same prompt.</summary>
    internal bool IsReading(EncodedPrompt prompt) =>
        Reference.IsReading(prompt) || Rewards.Where((reward, index) => reward.IsReading(prompt.Rewards[index])).Any();

    /// <summary>Whether a model's lowest layers are the policy's.</summary>
    internal bool SharesLayers(TransformerDecoder decoder) =>
        decoder is { SharedLayers: > 0, Lender: { } lender } && Reference.Decoders.Contains(lender);

    internal bool IsEos(long id) => Policy.Tokenizer.EosIds.Contains((int)id);
}

/// <summary>The vocabularies of the models differ.</summary>
public sealed class VocabularyMismatchException(string message) : Exception(message);
