using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// Next tokens by a policy elsewhere, which tells the likeliest ones. In place of their logits stand their log-probabilities, which order
/// them alike.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="told">The likeliest tokens of each beam, likeliest first.</param>
internal sealed class EngineBeamOutlook(RunContext context, IReadOnlyList<IReadOnlyList<TokenProbability>> told) : BeamOutlook
{
    public override float[] Ends() =>
    [
        .. told.Select(beam => beam.Where(token => token.Id == context.Models.Prompts.EosId)
            .Select(token => token.LogProbability)
            .FirstOrDefault(float.NegativeInfinity)),
    ];

    public override NextToken[] Likeliest(int count, bool withEnds) =>
    [
        .. told.SelectMany((tokens, beam) => tokens
            .Where(token => context.Engine!.IsLegal(token.Id))
            .Select(token => new NextToken(beam, token.Id, token.LogProbability, token.LogProbability, context.Models.IsEos(token.Id)))
            .Where(token => withEnds || !token.IsEnd)
            .Take(count)),
    ];
}
