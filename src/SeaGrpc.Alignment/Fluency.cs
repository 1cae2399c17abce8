namespace SeaGrpc.Alignment;

/// <summary>
/// How fluent a response is, as far as its unlikeliest tokens show. A token is odd as far as its log pi_ref lies below <see cref="Odd"/>,
/// and the response's fluency is the mean over its 10 least likely tokens (all, if there are fewer), the EOS included.
/// </summary>
/// <remarks>
/// Above <see cref="Odd"/>, log pi_ref says what the policy would answer rather than how well a sentence is made: another good word, or a
/// refusal, costs many tokens a little. Broken text costs a few tokens a lot: where words do not fit together or a sentence breaks off. So
/// likelier tokens count as equal, in an answer as in its draft. The number of tokens is fixed, so that likely tokens do not hide unlikely
/// ones in a long response, and so that a response of 10 tokens never gains by growing. docs/algorithm.md has the measurements.
/// </remarks>
/// <param name="Oddness">Sum over the least likely tokens of what each lies below <see cref="Odd"/>, in nats.</param>
/// <param name="Tokens">Number of tokens, including EOS.</param>
internal readonly record struct Fluency(double Oddness, int Tokens)
{
    /// <summary>Number of tokens that count: the least likely ones.</summary>
    public const int Least = 10;

    /// <summary>log pi_ref below which a token is odd, in nats: a probability of 2 %.</summary>
    public const double Odd = -4;

    /// <summary>log pi_ref below which a token does not belong where it is, in nats: a probability of 1 in 3,000.</summary>
    public const double Foreign = -8;

    /// <summary>The fluency in nats per token: at most 0, which is perfect.</summary>
    public double Level => -Oddness / Math.Clamp(Tokens, 1, Least);

    /// <summary>The best fluency of any response that begins with these tokens, in nats per token.</summary>
    public double BestOfContinuations => -Oddness / Least;

    /// <summary>The fluency of a response.</summary>
    /// <param name="logProbabilities">log pi_ref of its tokens, including its EOS if it has one, in nats.</param>
    public static Fluency Of(ReadOnlySpan<float> logProbabilities)
    {
        // The least likely tokens so far, least first.
        Span<float> least = stackalloc float[Least];
        int kept = 0;
        foreach (float value in logProbabilities)
        {
            if (value >= Odd || (kept == Least && value >= least[^1]))
            {
                continue;
            }

            int place = kept < Least ? kept++ : Least - 1;
            for (; place > 0 && least[place - 1] > value; place--)
            {
                least[place] = least[place - 1];
            }

            least[place] = value;
        }

        double oddness = 0;
        foreach (float value in least[..kept])
        {
            oddness += Odd - value;
        }

        return new Fluency(oddness, logProbabilities.Length);
    }
}
