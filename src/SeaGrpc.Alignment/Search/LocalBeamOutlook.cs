using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>Next tokens by the logits of a loaded policy.</summary>
/// <param name="context">The run.</param>
/// <param name="logits">Raw logits after every beam [beams, vocabulary]; they stay the caller's.</param>
internal sealed class LocalBeamOutlook(RunContext context, Tensor logits) : BeamOutlook
{
    /// <summary>Number of additional tokens considered if ending is not a candidate.</summary>
    private const int Spare = 2;

    public override float[] Ends() =>
        nn.functional.log_softmax(logits, -1).select(1, context.Models.Prompts.EosId).cpu().data<float>().ToArray();

    public override NextToken[] Likeliest(int count, bool withEnds)
    {
        int looked = (int)Math.Min(logits.shape[1], withEnds ? count : (long)count + Spare);
        (Tensor values, Tensor indices) = logits.Plus(context.Models.LegalTokens).topk(looked, -1);
        float[] likeliest = values.cpu().data<float>().ToArray();
        float[] logProbabilities = nn.functional.log_softmax(logits, -1).gather(1, indices).cpu().data<float>().ToArray();
        long[] ids = indices.cpu().data<long>().ToArray();
        return
        [
            .. Enumerable.Range(0, ids.Length)
                .Select(at => new NextToken(at / looked, ids[at], likeliest[at], logProbabilities[at], context.Models.IsEos(ids[at])))
                .Where(token => float.IsFinite(token.Logit) && (withEnds || !token.IsEnd))
                .GroupBy(token => token.Beam)
                .SelectMany(beam => beam.Take(count)),
        ];
    }
}
