namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward model's chat template makes an answer longer than the model can read.</summary>
public sealed class AnswerTooLongException : Exception
{
    /// <summary>Creates the exception for one answer.</summary>
    /// <param name="model">The reward model's name.</param>
    /// <param name="length">Number of tokens of the conversation with the answer, as the template writes it.</param>
    /// <param name="positions">Maximum number of tokens that the model reads.</param>
    public AnswerTooLongException(string model, int length, int positions)
        : base(
            $"The chat template of the reward model {model} makes {length} tokens of the conversation with an answer, "
                + $"but the model reads at most {positions}: "
            + "shorten the prompt, or lower max_response_tokens.")
    {
    }
}
