using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>Draws tokens from an engine for a run.</summary>
/// <param name="policy">The policy.</param>
/// <param name="context">The run.</param>
internal sealed class EngineDraw(EngineReference policy, RunContext context)
{
    /// <summary>Draws tokens that continue responses.</summary>
    /// <param name="responses">The responses so far.</param>
    /// <param name="maxTokens">Maximum number of tokens of each, EOS included.</param>
    /// <param name="topK">Number of likeliest tokens to draw from; 0 for all.</param>
    /// <returns>The tokens, with the likeliest ones at each position.</returns>
    public IReadOnlyList<DrawnTokens> Of(IReadOnlyList<int[]> responses, int maxTokens, int topK)
    {
        using var scope = NewDisposeScope();
        double[] numbers = rand([responses.Count], ScalarType.Float64, context.Generator.device, generator: context.Generator)
            .cpu().data<double>().ToArray();
        RowToContinue[] rows =
        [
            .. responses.Zip(numbers, (response, number) =>
                new RowToContinue([.. context.Task.Prompt.Policy, .. response], (ulong)(number * (1L << 52)))),
        ];
        var drawing = new TokenDrawing(
            maxTokens,
            context.Task.Method.SamplingTemperature,
            topK,
            policy.Engine.Abilities.MostAlternatives,
            policy.Models.Policy.Tokenizer.EosIds,
            policy.IllegalIds)
        {
            Stops = context.Task.Stops?.Strings ?? [],
        };
        return
        [
            .. Counted(rows, drawing).Select((drawn, row) =>
                IsCutShort(drawing, drawn, responses[row]) ? WentOn(rows[row], drawing, drawn) : drawn),
        ];
    }

    private IReadOnlyList<DrawnTokens> Counted(IReadOnlyList<RowToContinue> rows, TokenDrawing drawing)
    {
        PolicyAnswer<DrawnTokens> answer = OutsideWork.Await(stop => policy.Engine.ContinueAsync(rows, drawing, stop));
        context.Cost.EngineAnswer(answer.Tokens);
        context.Cost.PolicyForward(answer.Rows.Sum(row => (long)row.Tokens.Count));
        return answer.Rows;
    }

    // Whether the policy has found a stop string where there is none: it may write the blank before a text, which a response has not.
    private bool IsCutShort(TokenDrawing drawing, DrawnTokens drawn, int[] response) =>
        !drawn.HasEnded && drawn.Tokens.Count < drawing.MaxTokens && context.Task.Stops is { } stops
        && !stops.Occurs([.. response, .. drawn.Tokens]);

    private DrawnTokens WentOn(RowToContinue row, TokenDrawing drawing, DrawnTokens drawn)
    {
        DrawnTokens rest = Counted(
            [row with { Ids = [.. row.Ids, .. drawn.Tokens] }],
            drawing with { MaxTokens = drawing.MaxTokens - drawn.Tokens.Count, Stops = [] })[0];
        return new DrawnTokens(
            [.. drawn.Tokens, .. rest.Tokens],
            [.. drawn.LogProbabilities, .. rest.LogProbabilities],
            [.. drawn.Alternatives, .. rest.Alternatives],
            rest.HasEnded);
    }
}
