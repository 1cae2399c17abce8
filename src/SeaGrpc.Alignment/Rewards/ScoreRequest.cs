using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A request to a reward outside the process that is under way. Its conversations keep the scores. Used by one job.</summary>
internal sealed class ScoreRequest : IDisposable
{
    private readonly IReadOnlyList<(TextPrompt Prompt, ResponseText[] Responses)> _asked;
    private readonly RewardScale _scale;
    private readonly OutsideAnswer<IReadOnlyList<double>> _answer;

    /// <summary>Begins to ask.</summary>
    /// <param name="endpoint">What is asked.</param>
    /// <param name="asked">The conversations, and the responses that each wants scored; at least one each.</param>
    /// <param name="scale">Zero and unit of the numbers.</param>
    public ScoreRequest(
        IRewardEndpoint endpoint, IReadOnlyList<(TextPrompt Prompt, ResponseText[] Responses)> asked, RewardScale scale)
    {
        _asked = asked;
        _scale = scale;
        PromptTexts[] texts = [.. asked.Select(one => new PromptTexts(one.Prompt.Messages, one.Responses))];
        _answer = OutsideWork.Begin(stop => endpoint.ScoreAsync(texts, stop));
        foreach ((TextPrompt prompt, ResponseText[] responses) in asked)
        {
            prompt.Expect(this, responses);
        }
    }

    /// <summary>Waits for the scores, which the conversations keep.</summary>
    /// <exception cref="RewardFailedException">The reward did not answer, or its answer is no reward.</exception>
    public void Take()
    {
        using (this)
        {
            IReadOnlyList<double> raw = _answer.Take();
            int next = 0;
            foreach ((TextPrompt prompt, ResponseText[] responses) in _asked)
            {
                foreach (ResponseText response in responses)
                {
                    prompt.Keep(response, (float)((raw[next++] - _scale.Mean) / _scale.Deviation));
                }
            }
        }
    }

    /// <summary>Stops asking, if there is no answer yet.</summary>
    public void Dispose()
    {
        _answer.Dispose();
        foreach ((TextPrompt prompt, _) in _asked)
        {
            prompt.Forget(this);
        }
    }
}
