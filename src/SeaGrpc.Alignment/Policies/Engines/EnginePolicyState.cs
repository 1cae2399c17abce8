using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>
/// An engine's policy after a prompt. It has no reading of the prompt, which is sent with every row. Everything that a turn asks is one
/// batch, and other jobs run while it is waited for.
/// </summary>
/// <param name="policy">The policy.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="cost">Counts the work.</param>
internal sealed class EnginePolicyState(EngineReference policy, EncodedPrompt prompt, CostCounter cost) : IPolicyState
{
    public bool ReadsRows => policy.Engine.Abilities.ReadsRows;

    public bool TellsAllTokens => false;

    public bool TellsDrawn => true;

    public PolicyReading Loaded => throw new InvalidOperationException("The policy runs elsewhere.");

    public PolicyRows Start(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix) =>
        new EnginePolicyRows(policy, context, rows, prefix);

    public BeamOutlook[] Next(IReadOnlyList<PolicyRows> groups)
    {
        IReadOnlyList<IReadOnlyList<TokenProbability>> told =
            Likeliest([.. groups.SelectMany(group => Enumerable.Range(0, group.Rows).Select(group.Content))]);
        int first = 0;
        return
        [
            .. groups.Select(group =>
                new EngineBeamOutlook(policy, [.. told.Skip((first += group.Rows) - group.Rows).Take(group.Rows)])),
        ];
    }

    // An engine would have to be asked twice.
    public BeamOutlook?[] Ahead(IReadOnlyList<PolicyRows> groups) => new BeamOutlook?[groups.Count];

    public void Draw(IReadOnlyList<(PolicyRows Rows, BeamOutlook? Next)> groups, int maxTokens, int topK)
    {
        (PolicyRows Group, int Row)[] asked =
        [
            .. groups.SelectMany(group => Enumerable.Range(0, group.Rows.Rows)
                .Where(row => !group.Rows.IsFinished(row))
                .Select(row => (group.Rows, row))),
        ];
        IReadOnlyList<DrawnTokens> drawn = new EngineDraw(policy, groups[0].Rows.Context)
            .Of([.. asked.Select(one => one.Group.Content(one.Row))], maxTokens, topK);
        foreach ((PolicyRows group, _) in groups)
        {
            var own = new DrawnTokens?[group.Rows];
            foreach ((int at, (PolicyRows Group, int Row) one) in asked.Index().Where(one => one.Item.Group == group))
            {
                own[one.Row] = drawn[at];
            }

            ((EnginePolicyRows)group).Append(own);
        }
    }

    public IRowReading Ask(HardResponses rows) => new EngineRowReading(policy.Engine, prompt, rows, cost);

    public ReadTokens Read(IReadOnlyList<int> response, int alternatives, double temperature = 1)
    {
        var row = new RowToRead([.. prompt.Policy, .. response], prompt.Policy.Count);
        int told = Math.Min(alternatives, policy.Engine.Abilities.MostAlternatives);
        PolicyAnswer<ReadTokens> answer = OutsideWork.Await(stop => policy.Engine.ReadAsync([row], told, stop));
        return answer.Rows[0] with { PolicyTokens = answer.Tokens.Read };
    }

    // The entropy is that of the tokens that the engine names.
    public (IReadOnlyList<float> Surprisal, double Entropy) Surprise(IReadOnlyList<int> response)
    {
        using IDisposable uncounted = cost.Pause();
        using var told = new EngineRowReading(policy.Engine, prompt, [response], cost);
        double entropy = -Likeliest([[]])[0].Sum(token => Math.Exp(token.LogProbability) * token.LogProbability);
        return ([.. told.TakeRagged()[0].Select(own => -own)], entropy);
    }

    public void Dispose()
    {
    }

    // The likeliest next tokens of responses, likeliest first.
    private IReadOnlyList<IReadOnlyList<TokenProbability>> Likeliest(IReadOnlyList<int[]> responses)
    {
        RowToContinue[] rows = [.. responses.Select(response => new RowToContinue([.. prompt.Policy, .. response], Seed: 0))];
        var drawing = new TokenDrawing(
            1, Temperature: 0, TopK: 0, policy.Engine.Abilities.MostAlternatives, policy.Models.Policy.Tokenizer.EosIds, []);
        PolicyAnswer<DrawnTokens> answer = OutsideWork.Await(stop => policy.Engine.ContinueAsync(rows, drawing, stop));
        cost.EngineAnswer(answer.Tokens);
        cost.PolicyForward(rows.Length);
        return [.. answer.Rows.Select(row => row.Alternatives[0])];
    }
}
