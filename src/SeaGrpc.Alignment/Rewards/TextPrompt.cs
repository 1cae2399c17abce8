using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// A conversation that is sent to a reward outside the process unchanged, and the scores that are known of responses to it. No model here
/// reads it. Used by one job.
/// </summary>
/// <param name="Eos">The policy's EOS, which ends an answer.</param>
/// <param name="Messages">The conversation.</param>
internal sealed record TextPrompt(int Eos, IReadOnlyList<ChatMessage> Messages) : RewardPrompt([], [Eos])
{
    /// <summary>Maximum number of scores that are kept, which bounds memory.</summary>
    private const int MostKept = 16384;

    private readonly Dictionary<ResponseText, float> _known = [];

    /// <summary>The responses whose scores are not known, each once.</summary>
    public ResponseText[] Unknown(IEnumerable<ResponseText> responses) =>
        [.. responses.Distinct().Where(response => !_known.ContainsKey(response))];

    /// <summary>Keeps a score.</summary>
    public void Keep(ResponseText response, float score) => _known[response] = score;

    /// <summary>A known score.</summary>
    public float Of(ResponseText response) => _known[response];

    /// <summary>Forgets everything if too much is kept. Called before scores are looked up.</summary>
    public void Trim()
    {
        if (_known.Count > MostKept)
        {
            _known.Clear();
        }
    }
}
