using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The gradient of the energy at hard tokens, in the parts that the vocabulary-wide gradient is made of. By the
/// straight-through estimator both models read argmax tokens, and the gradient with respect to a relaxed one-hot y_t is
/// <c>dU/dy_t = -(log p_t + E_pi g_pi,t + alpha E_r g_r,t)</c>, with p_t the policy's prediction there, E the embedding
/// matrices and g the gradients at the looked-up embeddings. Owns its tensors.
/// </summary>
internal sealed class EnergyGradient : IDisposable
{
    private readonly AlignmentModels models;
    private readonly Tensor? logProbabilities;
    private readonly Tensor? policy;
    private readonly Tensor? reward;

    private EnergyGradient(AlignmentModels models, Tensor active, Tensor? logProbabilities, Tensor? policy, Tensor? reward)
    {
        this.models = models;
        Active = active;
        this.logProbabilities = logProbabilities;
        this.policy = policy;
        this.reward = reward;
    }

    /// <summary>1 at active positions, 0 at those after the end: [rows * positions, 1], fp32.</summary>
    public Tensor Active { get; }

    /// <summary>Computes the gradient at hard tokens: one forward and one backward pass of each model, to its inputs only.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The hard tokens.</param>
    /// <param name="parameters">Which terms, alpha, and the smoothing noise.</param>
    /// <param name="generator">Source of the smoothing noise.</param>
    /// <param name="cost">Counts the passes.</param>
    public static EnergyGradient At(
        AlignmentModels models, PromptState prompt, HardResponses rows, SeaParameters parameters, Generator generator, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        var scorer = new ResponseScorer(models, cost);
        Tensor active = tensor(rows.ActiveMask(), device: models.Policy.Decoder.Device).view(-1, 1);
        Tensor? logProbabilities = null;
        Tensor? policy = null;
        if (parameters.Reference != SeaReference.None)
        {
            (logProbabilities, policy) = PolicyTerm(models, scorer, prompt, rows, parameters, active, generator, cost);
        }

        Tensor? reward = parameters.RewardWeight == 0 ? null : RewardTerm(models, scorer, prompt, rows, parameters, generator, cost);
        return new EnergyGradient(
            models,
            active.DetachFromDisposeScope(),
            logProbabilities?.DetachFromDisposeScope(),
            policy?.DetachFromDisposeScope(),
            reward?.DetachFromDisposeScope());
    }

    /// <summary>dU/dy of a range of positions.</summary>
    /// <param name="start">First of the positions, counted over all rows.</param>
    /// <param name="count">Number of positions.</param>
    /// <returns>[count, vocabulary], fp32; a tensor of the caller's scope.</returns>
    public Tensor OverVocabulary(long start, long count)
    {
        long vocabulary = models.Policy.Decoder.Config.VocabularySize;
        Tensor sum = logProbabilities is null
            ? zeros([count, vocabulary], ScalarType.Float32, models.Policy.Decoder.Device)
            : logProbabilities.narrow(0, start, count) * Active.narrow(0, start, count);
        if (policy is not null)
        {
            sum.AddInPlace(Product(policy, models.Policy.Decoder.EmbeddingWeight, start, count));
        }

        if (reward is not null)
        {
            Tensor product = Product(reward, models.Reward.Decoder.EmbeddingWeight, start, count).to(sum.device);
            long common = Math.Min(vocabulary, product.shape[1]);
            sum.narrow(1, 0, common).AddInPlace(product.narrow(1, 0, common));
        }

        return sum.MultiplyInPlace(Energy.Sign);
    }

    /// <summary>KL of distributions over the vocabulary from the policy's predictions at the same positions, in nats.</summary>
    /// <param name="distribution">Their log-probabilities [count, vocabulary], fp32; -infinity is allowed.</param>
    /// <param name="start">First of the positions, counted over all rows.</param>
    /// <returns>[count]; NaN where the gradient has no reference term.</returns>
    public Tensor DivergenceFromReference(Tensor distribution, long start)
    {
        if (logProbabilities is null)
        {
            return TensorFilling.Filled([distribution.shape[0]], float.NaN, distribution.device);
        }

        Tensor difference = distribution - logProbabilities.narrow(0, start, distribution.shape[0]);
        return (distribution.exp() * difference.FilledWhere(distribution.isneginf(), 0)).sum(-1);
    }

    public void Dispose()
    {
        Active.Dispose();
        logProbabilities?.Dispose();
        policy?.Dispose();
        reward?.Dispose();
    }

    private static Tensor Product(Tensor gradient, Tensor embeddings, long start, long count) =>
        nn.functional.linear(gradient.narrow(0, start, count), embeddings).to(ScalarType.Float32);

    /// <summary>log p [rows * positions, vocabulary] in fp32 and, for the full reference, g_pi [rows * positions, hidden].</summary>
    private static (Tensor LogProbabilities, Tensor? Gradient) PolicyTerm(
        AlignmentModels models,
        ResponseScorer scorer,
        PromptState prompt,
        HardResponses rows,
        SeaParameters parameters,
        Tensor active,
        Generator generator,
        CostCounter cost)
    {
        var decoder = models.Policy.Decoder;
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder);
        bool full = parameters.Reference == SeaReference.Full && rows.Positions > 1;
        Tensor inputs = Smoothed(decoder.Embed(ids.narrow(1, 0, rows.Positions - 1)), decoder.EmbeddingWeight, parameters, generator);
        Tensor hidden;
        using (set_grad_enabled(full))
        {
            inputs.requires_grad_(full);
            hidden = scorer.PolicyHidden(prompt, inputs);
        }

        using var noGrad = no_grad();
        Tensor states = hidden.detach().flatten(0, 1);
        Tensor logProbabilities = empty([states.shape[0], decoder.Config.VocabularySize], ScalarType.Float32, decoder.Device);
        Tensor? hiddenGradient = full ? zeros_like(states) : null;
        Tensor targets = ids.flatten();
        foreach ((long start, long count) in PositionChunks.Of(states.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logits = decoder.Logits(states.narrow(0, start, count)).to(ScalarType.Float32);
            Tensor own = nn.functional.log_softmax(logits, -1);
            logProbabilities.narrow(0, start, count).copy_(own);
            if (hiddenGradient is not null)
            {
                // d log p(target) / d hidden = s[target] W[target] - (p s) W with s the logits' slope, 1 where they are not
                // capped: no autograd over the vocabulary.
                Tensor target = targets.narrow(0, start, count);
                Tensor chosen = decoder.OutputWeight.index_select(0, target);
                Tensor probabilities = own.exp();
                if (decoder.LogitSlope(logits) is { } slope)
                {
                    chosen = chosen * slope.gather(1, target.unsqueeze(1)).to(decoder.Dtype);
                    probabilities = probabilities * slope;
                }

                Tensor difference = chosen - matmul(probabilities.to(decoder.Dtype), decoder.OutputWeight);
                hiddenGradient.narrow(0, start, count).copy_(difference * active.narrow(0, start, count));
            }
        }

        if (hiddenGradient is null)
        {
            return (logProbabilities, null);
        }

        cost.Backward(1);
        Tensor gradient = autograd.grad([hidden], [inputs], [hiddenGradient.view(hidden.shape)])[0];
        // The last position is the target of the one before and the input of none.
        return (logProbabilities, nn.functional.pad(gradient, [0, 0, 0, 1]).flatten(0, 1));
    }

    /// <summary>alpha g_r [rows * positions, hidden], zero where the reward model does not read the response's own token.</summary>
    private static Tensor RewardTerm(
        AlignmentModels models,
        ResponseScorer scorer,
        PromptState prompt,
        HardResponses rows,
        SeaParameters parameters,
        Generator generator,
        CostCounter cost)
    {
        var decoder = models.Reward.Decoder;
        IReadOnlyList<int> suffix = prompt.Prompt.RewardSuffix;
        (long[] ids, int width, long[] ends) = rows.RewardInputs(suffix);
        Tensor inputs = Smoothed(decoder.Embed(ResponseScorer.Ids(ids, rows.Rows, decoder)), decoder.EmbeddingWeight, parameters, generator);
        Tensor reward;
        using (enable_grad())
        {
            inputs.requires_grad_(true);
            reward = scorer.Rewards(prompt, inputs, ends).sum();
        }

        cost.Backward(1);
        Tensor gradient = autograd.grad([reward], [inputs])[0];
        using var noGrad = no_grad();
        // Where the suffix starts with EOS, it stands for the response's own.
        bool endIsOwn = models.IsEos(suffix[0]);
        var owned = new float[rows.Rows * rows.Positions];
        for (int row = 0; row < rows.Rows; row++)
        {
            owned.AsSpan(row * rows.Positions, endIsOwn ? rows.TargetLengths[row] : rows.ContentLengths[row]).Fill(1);
        }

        long shared = Math.Min(width, rows.Positions);
        Tensor own = nn.functional.pad(gradient.narrow(1, 0, shared), [0, 0, 0, rows.Positions - shared]).flatten(0, 1);
        return (own * tensor(owned, device: decoder.Device).view(-1, 1).to(own.dtype)).Times(parameters.RewardWeight);
    }

    /// <summary>Embeddings with fresh Gaussian noise, measured in standard deviations of the embedding matrix (randomised smoothing).</summary>
    private static Tensor Smoothed(Tensor embeddings, Tensor matrix, SeaParameters parameters, Generator generator)
    {
        using var noGrad = no_grad();
        Tensor plain = embeddings.detach();
        return parameters.EmbeddingNoise == 0
            ? plain
            : plain.Plus(randn(plain.shape, generator: generator, dtype: plain.dtype, device: generator.device).to(plain.device)
                * matrix.std().Times(parameters.EmbeddingNoise));
    }
}
