using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>Creates the logits Y that the chains start from, and pins tokens that must not move.</summary>
/// <remarks>A token is pinned by setting all others to -infinity: its softmax is one-hot, so no gradient or noise moves it.</remarks>
internal static class ChainLogits
{
    /// <summary>Y [chains, positions, vocabulary] in fp32, whose argmax is the drafts (or random if requested).</summary>
    public static Tensor Initialise(RunContext context, SeaParameters parameters, HardResponses drafts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var decoder = context.Models.Policy.Decoder;
        long vocabulary = decoder.Config.VocabularySize;
        Tensor ids = ResponseScorer.Ids(drafts.Tokens, drafts.Rows, decoder);
        Tensor hidden = context.PolicyPasses().Hidden(decoder.Embed(ids.narrow(1, 0, drafts.Positions - 1))).flatten(0, 1);
        Tensor chosen = ids.reshape(-1, 1);
        Tensor pinned = tensor(Pinned(context, parameters, drafts), device: decoder.Device).unsqueeze(1);
        Tensor logits = empty([hidden.shape[0], vocabulary], ScalarType.Float32, decoder.Device);
        foreach ((long start, long count) in PositionChunks.ForDraws(hidden.shape[0], vocabulary))
        {
            using var chunk = NewDisposeScope();
            (Tensor Top, Tensor Free) noise = Draw(count, vocabulary, parameters, context.Generator, decoder.Device);
            foreach ((long first, long size) in PositionChunks.Of(count, vocabulary))
            {
                using var part = NewDisposeScope();
                Tensor own = chosen.narrow(0, start + first, size);
                Tensor policy = ModelPasses.Logits(decoder, hidden.narrow(0, start + first, size)).to(ScalarType.Float32)
                    .DividedBy(context.Task.Method.SamplingTemperature).Plus(Allowed(context, parameters));
                Tensor restricted = parameters.TopK > 0 && parameters.TopK < vocabulary
                    ? TokenSampling.KeepTop(policy, parameters.TopK)
                    : policy;
                Tensor drawn = noise.Free.narrow(0, first, size);
                Tensor start0 =
                    parameters.Initialization == SeaInitialization.Random
                        ? drawn.FilledWhere(restricted.isneginf(), float.NegativeInfinity)
                        : GumbelNoise.Posterior(restricted, own, (noise.Top.narrow(0, first, size), drawn));
                Tensor fixedRow = TensorFilling
                    .FilledLike(start0, float.NegativeInfinity)
                    .scatter(1, own, zeros_like(own, ScalarType.Float32));
                logits.narrow(0, start + first, size).copy_(where(pinned.narrow(0, start + first, size), fixedRow, start0));
            }
        }

        return logits.view(drafts.Rows, drafts.Positions, vocabulary).DetachFromDisposeScope();
    }

    /// <summary>The tokens that a response may contain, without EOS if lengths are fixed: [vocabulary].</summary>
    public static Tensor Allowed(RunContext context, SeaParameters parameters)
    {
        Tensor legal = context.Models.LegalTokens;
        return parameters.Length == SeaLength.Free
            ? legal
            : legal.FilledAt(0, tensor([(long)context.Models.Prompts.EosId], device: legal.device), float.NegativeInfinity);
    }

    /// <summary>
    /// Number of positions that may contain any token if lengths are free. It is all at the token limit. Below it, the last position stays
    /// EOS, so that only a response at the limit can be one that has not ended.
    /// </summary>
    public static int MovablePositions(RunContext context, HardResponses rows) =>
        rows.Positions < context.Task.MaxResponseTokens ? rows.Positions - 1 : rows.Positions;

    /// <summary>The random numbers of a chunk in one draw, because the number of values per draw determines them.</summary>
    private static (Tensor Top, Tensor Free) Draw(long rows, long vocabulary, SeaParameters parameters, Generator generator, Device device)
    {
        if (parameters.Initialization != SeaInitialization.Random)
        {
            return GumbelNoise.Draw(rows, vocabulary, generator, device);
        }

        Tensor normal = randn([rows, vocabulary], generator: generator, device: device);
        return (normal, normal);
    }

    private static bool[] Pinned(RunContext context, SeaParameters parameters, HardResponses drafts)
    {
        var pinned = new bool[drafts.Tokens.Length];
        int prefix = context.Task.ResponsePrefixOpen ? 0 : context.Task.ResponsePrefix.Count;
        for (int row = 0; row < drafts.Rows; row++)
        {
            int start = row * drafts.Positions;
            pinned.AsSpan(start, Math.Min(prefix, drafts.Positions)).Fill(true);
            int movable = parameters.Length == SeaLength.Fixed ? drafts.ContentLengths[row] : MovablePositions(context, drafts);
            pinned.AsSpan(start + movable, drafts.Positions - movable).Fill(true);
        }

        return pinned;
    }
}
