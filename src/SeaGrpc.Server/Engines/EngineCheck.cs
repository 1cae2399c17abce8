using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// What an engine must pass at the start, and whenever it answers again after trouble: it serves the model that it served before, its
/// tokenizer is that of the policy's folder, and it tells the policy's own log-probabilities. On a new connection it must show the first
/// two.
/// </summary>
/// <param name="policy">The engine.</param>
/// <param name="tokenizer">The tokenizer of the policy's folder.</param>
internal sealed class EngineCheck(EnginePolicy policy, Tokenizer tokenizer)
{
    /// <summary>How far the same log-probability may lie apart in two requests, in nats: engines compute in 16 bits.</summary>
    private const double MostApart = 0.1;

    private static readonly string[] Samples =
    [
        "Hello, world! It's 12345.67 o'clock.",
        "  leading and trailing blanks  ",
        "Zeilen\n\n\tund Tabulatoren\r\n",
        "Grüße, naïve façade, œuvre, ½ €",
        "Привет, мир. Γειά σου. שלום. مرحبا",
        "日本語のテキストと漢字、한국어",
        "def f(x):\n    return {'a': [x ** 2, x != 1]}  # <b>",
        "🙂👍🏽 👩‍👩‍👧",
    ];

    /// <summary>Makes the check.</summary>
    /// <returns>The model that is served.</returns>
    /// <exception cref="PolicyFailedException">It does not answer, or does not pass; the message says what the engine said.</exception>
    public async Task<EngineModel> RunAsync(CancellationToken cancellationToken)
    {
        EngineModel model = await policy.ModelAsync(cancellationToken).ConfigureAwait(false);
        await CompareIdsAsync(Samples, cancellationToken).ConfigureAwait(false);
        await CompareTemperaturesAsync(cancellationToken).ConfigureAwait(false);
        return model;
    }

    /// <summary>Makes the part of the check that costs no model pass, in two requests.</summary>
    /// <exception cref="PolicyFailedException">It does not answer, or does not pass; the message says what the engine said.</exception>
    public Task CompareAsync(CancellationToken cancellationToken) => Task.WhenAll(
        policy.ModelAsync(cancellationToken), CompareIdsAsync([string.Join('\n', Samples)], cancellationToken));

    private async Task CompareIdsAsync(string[] samples, CancellationToken cancellationToken)
    {
        int[][] theirs =
            await Task.WhenAll(samples.Select(sample => policy.TokenizeAsync(sample, cancellationToken))).ConfigureAwait(false);
        foreach ((string sample, int[] ids) in samples.Zip(theirs))
        {
            int[] own = tokenizer.Encode(sample);
            if (!own.SequenceEqual(ids))
            {
                int at = own.Zip(ids).TakeWhile(pair => pair.First == pair.Second).Count();
                throw Failed(
                    $"has another tokenizer than the policy's folder: of \"{CallerText.Shown(sample)}\" it makes {ids.Length} ids and the "
                        + $"folder {own.Length}, and they differ from place {at} on. Set Policy to the folder of the model that it "
                        + "serves.");
            }
        }
    }

    // Log-probabilities after temperature would differ much between temperatures 1 and 2.
    private async Task CompareTemperaturesAsync(CancellationToken cancellationToken)
    {
        var row = new RowToContinue(tokenizer.Encode(Samples[0]), Seed: 1);
        DrawnTokens[] drawn = await Task.WhenAll(new[] { 1.0, 2.0 }.Select(async temperature =>
        {
            var drawing = new TokenDrawing(1, temperature, 0, policy.Abilities.MostAlternatives, tokenizer.EosIds, []);
            return (await policy.ContinueAsync([row], drawing, cancellationToken).ConfigureAwait(false)).Rows[0];
        })).ConfigureAwait(false);
        Dictionary<int, float> warm = drawn[1].Alternatives[0].ToDictionary(one => one.Id, one => one.LogProbability);
        TokenProbability likeliest = drawn[0].Alternatives[0][0];
        if (!warm.TryGetValue(likeliest.Id, out float other) || Math.Abs(other - likeliest.LogProbability) > MostApart)
        {
            throw Failed(
                "tells other log-probabilities at other sampling temperatures, but energies need the policy's own: start vLLM with "
                    + "--logprobs-mode raw_logprobs.");
        }
    }

    private PolicyFailedException Failed(string problem) => new(policy.Address, problem, isMalformed: true);
}
