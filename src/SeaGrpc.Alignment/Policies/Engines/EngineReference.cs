using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>The reference policy as an engine tells it (<see cref="IPolicy"/>).</summary>
internal sealed class EngineReference : IReferencePolicy
{
    /// <summary>Maximum number of tokens that an engine is asked not to draw.</summary>
    private const int MostIllegal = 1000;

    private readonly HashSet<int> _illegal;

    /// <summary>Finds the tokens that the engine must not draw.</summary>
    /// <param name="models">The models, with the mask of the tokens that a response may contain.</param>
    /// <param name="engine">The policy.</param>
    /// <exception cref="VocabularyMismatchException">There are too many to name.</exception>
    public EngineReference(AlignmentModels models, IPolicy engine)
    {
        Models = models;
        Engine = engine;
        IllegalIds = Illegal(models.Policy, models.LegalTokens);
        _illegal = [.. IllegalIds];
    }

    public AlignmentModels Models { get; }

    public IPolicy Engine { get; }

    public bool IsOutside => true;

    public IReadOnlyList<TransformerDecoder> Decoders => [];

    /// <summary>Ids of tokens that a response may not contain, which are named to the engine.</summary>
    public IReadOnlyList<int> IllegalIds { get; }

    /// <summary>Whether a response may contain a token.</summary>
    public bool IsLegal(int id) => !_illegal.Contains(id) && Models.Policy.Tokenizer.TokenOf(id) is not null;

    public string? Refusal(AlignmentTask task) => PolicyFit.Refusal(task, Engine.Abilities);

    public bool IsReading(EncodedPrompt prompt) => false;

    public IRowReading? Announce(EncodedPrompt prompt, HardResponses rows, CostCounter cost) =>
        new EngineRowReading(Engine, prompt, rows, cost);

    public IPolicyState Prefill(EncodedPrompt prompt, CostCounter cost, double temperature = 1)
    {
        cost.PolicyForward(prompt.Policy.Count);
        return new EnginePolicyState(this, prompt, cost);
    }

    private static int[] Illegal(PolicyModel policy, Tensor legal)
    {
        int[] illegal =
        [
            .. legal.cpu().data<float>().ToArray().Index()
                .Where(one => float.IsNegativeInfinity(one.Item) && policy.Tokenizer.TokenOf(one.Index) is not null)
                .Select(one => one.Index),
        ];
        return illegal.Length <= MostIllegal ? illegal : throw new VocabularyMismatchException(
            $"The rewards lack {illegal.Length} of the policy's tokens, and an engine can leave out {MostIllegal} at most: use a reward "
                + "that reads text.");
    }
}
