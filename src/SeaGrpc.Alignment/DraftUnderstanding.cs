using System.Text;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// Whether a policy understands a caller's draft, so that its scores say something about it: the draft surprises it little, for the length
/// of its text.
/// </summary>
/// <remarks>
/// <para>A token's probability alone says little. Letters typed at random are many short tokens, each of which is as likely as many another
/// letter after those before. A text that is understood has long tokens, so its surprise is small for each of its bytes: below 1 nat where
/// typed letters have 3 to 5. docs/algorithm.md has the measurements.</para>
/// <para>A policy that is unsure of everything, its own answers included, pays its entropy for every token. Nearly that much is allowed:
/// with what a byte may surprise, all of it where a token is a byte.</para>
/// </remarks>
internal static class DraftUnderstanding
{
    /// <summary>Surprise that is allowed for each byte of the text, in nats.</summary>
    public const double NatsPerByte = 0.75;

    /// <summary>Share of the policy's entropy that is allowed for each token.</summary>
    public const double EntropyShare = 0.9;

    /// <summary>Most that one token counts, in nats: damage is local, however much it surprises.</summary>
    public const double Most = 10;

    /// <summary>Surprise that is allowed for any text, in nats: one rare word says nothing.</summary>
    public const double Allowance = 8;

    /// <summary>Reads a draft with the policy, at temperature 1 whatever the run's is. The pass is not charged.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt, which the run has read.</param>
    /// <param name="draft">The draft's ids, without EOS.</param>
    public static bool Of(AlignmentModels models, PromptState prompt, IReadOnlyList<int> draft)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // Whether the draft ends is another matter, unless there is nothing else.
        float[] surprisal = TokenSurprisal.Of(models, prompt.Prompt, draft.Count > 0 ? draft : [models.Prompts.EosId]);
        Tensor first = nn.functional.log_softmax(
            ModelPasses.Logits(models.Policy.Decoder, prompt.Policy.Last.flatten(0, 1)).to(ScalarType.Float32), -1);
        double entropy = -(first.exp() * first).sum().item<float>();
        return Of(surprisal, entropy, Encoding.UTF8.GetByteCount(models.Policy.Tokenizer.Decode(draft)));
    }

    /// <summary>Has a policy elsewhere read a draft. The entropy is that of the tokens which it names.</summary>
    /// <param name="context">The run.</param>
    /// <param name="engine">The policy.</param>
    /// <param name="draft">The draft's ids, without EOS.</param>
    public static bool Of(RunContext context, EngineCalls engine, IReadOnlyList<int> draft)
    {
        using IDisposable uncounted = context.Cost.Pause();
        using EngineReadings told = engine.Read(
            context.Task.Prompt, [draft.Count > 0 ? draft : [context.Models.Prompts.EosId]], context.Cost);
        double entropy = -engine.Next(context, [[]])[0].Sum(token => Math.Exp(token.LogProbability) * token.LogProbability);
        float[] surprisal = [.. told.Take()[0].Select(own => -own)];
        return Of(surprisal, entropy, Encoding.UTF8.GetByteCount(context.Models.Policy.Tokenizer.Decode(draft)));
    }

    /// <summary>Whether a text surprises little.</summary>
    /// <param name="surprisal">-log p of its tokens, in nats.</param>
    /// <param name="entropy">Entropy of the policy's own first token, in nats.</param>
    /// <param name="bytes">Length of the text in UTF-8.</param>
    public static bool Of(IReadOnlyList<float> surprisal, double entropy, int bytes) =>
        surprisal.Sum(value => Math.Min(value, Most)) <= Allowance + (EntropyShare * surprisal.Count * entropy) + (NatsPerByte * bytes);
}
