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
    private readonly Dictionary<ResponseText, ScoreRequest> _expected = [];

    /// <summary>The responses whose scores are neither known nor being asked for, each once.</summary>
    public ResponseText[] Unknown(IEnumerable<ResponseText> responses) =>
        [.. responses.Distinct().Where(response => !_known.ContainsKey(response) && !_expected.ContainsKey(response))];

    /// <summary>Notes that scores are being asked for.</summary>
    public void Expect(ScoreRequest request, IEnumerable<ResponseText> responses)
    {
        foreach (ResponseText response in responses)
        {
            _expected[response] = request;
        }
    }

    /// <summary>Notes that a request is over.</summary>
    public void Forget(ScoreRequest request)
    {
        foreach (ResponseText response in _expected.Where(one => one.Value == request).Select(one => one.Key).ToArray())
        {
            _expected.Remove(response);
        }
    }

    /// <summary>Waits for the scores of responses that are being asked for.</summary>
    /// <exception cref="RewardFailedException">The reward did not answer, or its answer is no reward.</exception>
    public void Await(IEnumerable<ResponseText> responses)
    {
        foreach (ResponseText response in responses)
        {
            if (_expected.TryGetValue(response, out ScoreRequest? request))
            {
                request.Take();
            }
        }
    }

    /// <summary>Stops asking for anything.</summary>
    public void StopAsking()
    {
        foreach (ScoreRequest request in _expected.Values.Distinct().ToArray())
        {
            request.Dispose();
        }
    }

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
