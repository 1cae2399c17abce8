using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// A policy elsewhere as a run asks it: about responses to its prompt. Everything that a turn asks is one batch, and other jobs run while
/// it is waited for.
/// </summary>
/// <param name="models">The models.</param>
/// <param name="engine">The policy.</param>
internal sealed class EngineCalls(AlignmentModels models, IPolicy engine)
{
    /// <summary>Maximum number of tokens that an engine is asked not to draw.</summary>
    private const int MostIllegal = 1000;

    /// <summary>Whether the policy tells the log-probabilities of given tokens.</summary>
    public bool ReadsRows => engine.Abilities.ReadsRows;

    private readonly IReadOnlySet<int> _ends = models.Policy.Tokenizer.EosIds;
    private readonly HashSet<int> _illegal = [.. models.IllegalIds];

    /// <summary>Ids of tokens that a response may not contain.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="legal">The mask of those that it may [vocabulary].</param>
    /// <exception cref="VocabularyMismatchException">There are too many to name.</exception>
    public static int[] Illegal(PolicyModel policy, Tensor legal)
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

    /// <summary>Draws tokens that continue responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="responses">The responses so far.</param>
    /// <param name="maxTokens">Maximum number of tokens of each, EOS included.</param>
    /// <param name="topK">Number of likeliest tokens to draw from; 0 for all.</param>
    /// <returns>The tokens, with the likeliest ones at each position.</returns>
    public IReadOnlyList<DrawnTokens> Continue(RunContext context, IReadOnlyList<IEnumerable<int>> responses, int maxTokens, int topK)
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
            maxTokens, context.Task.Method.SamplingTemperature, topK, engine.Abilities.MostAlternatives, _ends, models.IllegalIds)
        {
            Stops = context.Task.Stops?.Strings ?? [],
        };
        return
        [
            .. Draw(context, rows, drawing).Select((drawn, row) => IsCutShort(context, drawing, drawn, responses[row])
                ? WentOn(context, rows[row], drawing, drawn)
                : drawn),
        ];
    }

    /// <summary>The likeliest next tokens of responses, likeliest first.</summary>
    /// <param name="context">The run.</param>
    /// <param name="responses">The responses so far.</param>
    public IReadOnlyList<IReadOnlyList<TokenProbability>> Next(RunContext context, IReadOnlyList<IEnumerable<int>> responses)
    {
        RowToContinue[] rows =
            [.. responses.Select(response => new RowToContinue([.. context.Task.Prompt.Policy, .. response], Seed: 0))];
        var drawing = new TokenDrawing(1, Temperature: 0, TopK: 0, engine.Abilities.MostAlternatives, _ends, []);
        PolicyAnswer<DrawnTokens> answer = OutsideWork.Await(stop => engine.ContinueAsync(rows, drawing, stop));
        context.Cost.EngineAnswer(answer.Tokens);
        context.Cost.PolicyForward(rows.Length);
        return [.. answer.Rows.Select(row => row.Alternatives[0])];
    }

    /// <summary>Asks for log pi_ref of given tokens of responses.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="responses">Ids of each, EOS included where it has one.</param>
    /// <param name="cost">Counts the work.</param>
    /// <returns>The figures to come.</returns>
    public EngineReadings Read(EncodedPrompt prompt, IReadOnlyList<IReadOnlyList<int>> responses, CostCounter cost) =>
        new(engine, prompt, responses, cost);

    /// <summary>The same for every token of rows.</summary>
    public EngineReadings Read(EncodedPrompt prompt, HardResponses rows, CostCounter cost) => Read(
        prompt,
        [
            .. Enumerable.Range(0, rows.Rows).Select(row => (IReadOnlyList<int>)
                [.. rows.Tokens.Skip(row * rows.Positions).Take(rows.TargetLengths[row]).Select(id => (int)id)]),
        ],
        cost);

    /// <summary>log pi_ref of the tokens of a response, with the likeliest ones in place of each.</summary>
    public ReadTokens ReadTokens(EncodedPrompt prompt, IReadOnlyList<int> response, int alternatives)
    {
        var row = new RowToRead([.. prompt.Policy, .. response], prompt.Policy.Count);
        int told = Math.Min(alternatives, engine.Abilities.MostAlternatives);
        PolicyAnswer<ReadTokens> answer = OutsideWork.Await(stop => engine.ReadAsync([row], told, stop));
        return answer.Rows[0] with { PolicyTokens = answer.Tokens.Read };
    }

    /// <summary>-log pi_ref of every token of a response, in nats.</summary>
    public float[] Surprisal(EncodedPrompt prompt, IReadOnlyList<int> response)
    {
        using EngineReadings told = Read(prompt, [response], new CostCounter());
        return [.. told.Take()[0].Select(own => -own)];
    }

    // Draws and counts.
    private IReadOnlyList<DrawnTokens> Draw(RunContext context, IReadOnlyList<RowToContinue> rows, TokenDrawing drawing)
    {
        PolicyAnswer<DrawnTokens> answer = OutsideWork.Await(stop => engine.ContinueAsync(rows, drawing, stop));
        context.Cost.EngineAnswer(answer.Tokens);
        context.Cost.PolicyForward(answer.Rows.Sum(row => (long)row.Tokens.Count));
        return answer.Rows;
    }

    // Whether the policy has found a stop string where there is none: it may write the blank before a text, which a response has not.
    private static bool IsCutShort(RunContext context, TokenDrawing drawing, DrawnTokens drawn, IEnumerable<int> response) =>
        !drawn.HasEnded && drawn.Tokens.Count < drawing.MaxTokens && context.Task.Stops is { } stops
        && !stops.Occurs([.. response, .. drawn.Tokens]);

    private DrawnTokens WentOn(RunContext context, RowToContinue row, TokenDrawing drawing, DrawnTokens drawn)
    {
        DrawnTokens rest = Draw(
            context,
            [row with { Ids = [.. row.Ids, .. drawn.Tokens] }],
            drawing with { MaxTokens = drawing.MaxTokens - drawn.Tokens.Count, Stops = [] })[0];
        return new DrawnTokens(
            [.. drawn.Tokens, .. rest.Tokens],
            [.. drawn.LogProbabilities, .. rest.LogProbabilities],
            [.. drawn.Alternatives, .. rest.Alternatives],
            rest.HasEnded);
    }

    /// <summary>Whether a response may contain a token.</summary>
    public bool IsLegal(int id) => !_illegal.Contains(id) && models.Policy.Tokenizer.TokenOf(id) is not null;
}
