using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>Next tokens by the logits of a loaded policy.</summary>
/// <param name="models">The models.</param>
/// <param name="logits">Raw logits after every beam [beams, vocabulary].</param>
internal sealed class LoadedBeamOutlook(AlignmentModels models, Tensor logits) : BeamOutlook
{
    /// <summary>Number of additional tokens considered if ending is not a candidate.</summary>
    private const int Spare = 2;

    /// <summary>Raw logits after every beam [beams, vocabulary].</summary>
    public Tensor Logits => logits;

    public override float[] Ends() =>
        nn.functional.log_softmax(logits, -1).select(1, models.Prompts.EosId).cpu().data<float>().ToArray();

    public override NextToken[] Likeliest(int count, bool withEnds)
    {
        int looked = (int)Math.Min(logits.shape[1], withEnds ? count : (long)count + Spare);
        (Tensor values, Tensor indices) = logits.Plus(models.LegalTokens).topk(looked, -1);
        float[] likeliest = values.cpu().data<float>().ToArray();
        float[] logProbabilities = nn.functional.log_softmax(logits, -1).gather(1, indices).cpu().data<float>().ToArray();
        long[] ids = indices.cpu().data<long>().ToArray();
        return
        [
            .. Enumerable.Range(0, ids.Length)
                .Select(at => new NextToken(at / looked, ids[at], likeliest[at], logProbabilities[at], models.IsEos(ids[at])))
                .Where(token => float.IsFinite(token.Logit) && (withEnds || !token.IsEnd))
                .GroupBy(token => token.Beam)
                .SelectMany(beam => beam.Take(count)),
        ];
    }

    public override BeamOutlook Of(IReadOnlyList<int> beams) => new LoadedBeamOutlook(
        models, logits.index_select(0, tensor(beams.Select(beam => (long)beam).ToArray(), device: logits.device)));

    public override BeamOutlook Keep() => new LoadedBeamOutlook(models, logits.DetachFromDisposeScope());

    public override void Dispose() => logits.Dispose();
}
