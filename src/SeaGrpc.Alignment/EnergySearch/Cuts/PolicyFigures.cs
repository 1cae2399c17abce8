using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Cuts;

/// <summary>Properties of the policy's next-token distributions along a response.</summary>
/// <param name="Entropies">Entropy at every position, including EOS, in nats.</param>
/// <param name="LegalMass">Log of the total probability of the tokens that a response may contain, at every position.</param>
internal sealed record PolicyFigures(float[] Entropies, float[] LegalMass)
{
    /// <summary>The figures of a response that has been read.</summary>
    /// <param name="context">The run.</param>
    /// <param name="reading">The response, as a single row.</param>
    public static PolicyFigures Of(RunContext context, ChainStates reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor hidden = reading.Hidden.flatten(0, 1).narrow(0, 0, reading.Rows.TargetLengths[0]);
        List<float> entropies = [];
        List<float> masses = [];
        foreach ((long start, long count) in PositionChunks.Of(hidden.shape[0], context.Models.Policy.Decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor own = nn.functional.log_softmax(context.Prompt.Loaded.Logits(hidden.narrow(0, start, count)), -1);
            entropies.AddRange((own.exp() * own).sum(-1).neg().cpu().data<float>());
            masses.AddRange(LogLegalMass(context, own));
        }

        return new PolicyFigures([.. entropies], [.. masses]);
    }

    /// <summary>Log of the total probability of the tokens that a response may contain.</summary>
    /// <param name="context">The run.</param>
    /// <param name="logProbabilities">Log-probabilities of all tokens [rows, vocabulary], in nats.</param>
    /// <returns>[rows], at most 0.</returns>
    public static float[] LogLegalMass(RunContext context, Tensor logProbabilities) =>
        logProbabilities.Plus(context.Models.LegalTokens).logsumexp(-1).cpu().data<float>().ToArray();
}
