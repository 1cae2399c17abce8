namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>
/// Next tokens by an engine, which tells the likeliest ones. In place of their logits stand their log-probabilities, which order them
/// alike.
/// </summary>
/// <param name="policy">The policy.</param>
/// <param name="told">The likeliest tokens of each beam, likeliest first.</param>
internal sealed class EngineBeamOutlook(EngineReference policy, IReadOnlyList<IReadOnlyList<TokenProbability>> told) : BeamOutlook
{
    public override float[] Ends() =>
    [
        .. told.Select(beam => beam.Where(token => token.Id == policy.Models.Prompts.EosId)
            .Select(token => token.LogProbability)
            .FirstOrDefault(float.NegativeInfinity)),
    ];

    public override NextToken[] Likeliest(int count, bool withEnds) =>
    [
        .. told.SelectMany((tokens, beam) => tokens
            .Where(token => policy.IsLegal(token.Id))
            .Select(token => new NextToken(beam, token.Id, token.LogProbability, token.LogProbability, policy.Models.IsEos(token.Id)))
            .Where(token => withEnds || !token.IsEnd)
            .Take(count)),
    ];

    public override BeamOutlook Of(IReadOnlyList<int> beams) =>
        new EngineBeamOutlook(policy, [.. beams.Select(beam => beam < 0 ? [] : told[beam])]);

    public override BeamOutlook Keep() => this;

    public override void Dispose()
    {
    }
}
