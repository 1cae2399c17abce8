namespace SeaGrpc.Alignment.Scoring;

/// <summary>Surprisal of each token of a response under the reference policy.</summary>
internal static class TokenSurprisal
{
    /// <summary>-log pi_ref(y_t | x, y before t) per token, in nats.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    public static float[] Of(AlignmentModels models, EncodedPrompt prompt, IReadOnlyList<int> response) =>
        [.. TokenReading.Of(models, prompt, response).LogProbabilities.Select(value => -value)];
}
