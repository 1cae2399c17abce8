namespace SeaGrpc.Lab.Evaluation.Alternatives;

/// <summary>Chooses the few responses that a search should know: those from which it would start with the lowest energies.</summary>
internal static class AlternativeChoice
{
    /// <summary>
    /// Chooses one after the other, each time the response that lowers the mean, over prompts, of the lowest energy most. Ends early where
    /// no further response lowers it.
    /// </summary>
    /// <param name="energies">The energy of each response after each prompt, in nats [responses][prompts].</param>
    /// <param name="own">Whether a response was found for a prompt [responses][prompts]. It then does not count there.</param>
    /// <param name="count">How many to choose; at least 1.</param>
    /// <returns>Indices of responses in the order of their choice, each with the mean after it, in nats.</returns>
    public static IReadOnlyList<(int Response, double Energy)> Of(
        IReadOnlyList<double[]> energies, IReadOnlyList<bool[]> own, int count)
    {
        int prompts = energies[0].Length;
        double[] worst = [.. Enumerable.Range(0, prompts).Select(prompt => energies.Max(each => each[prompt]))];
        double[] lowest = worst;
        List<(int, double)> chosen = [];
        while (chosen.Count < count)
        {
            (int best, double[] reached) = Enumerable.Range(0, energies.Count)
                .Select(response => (response, Reached: (double[])[
                    .. Enumerable.Range(0, prompts).Select(prompt =>
                        Math.Min(lowest[prompt], own[response][prompt] ? worst[prompt] : energies[response][prompt])),
                ]))
                .MinBy(one => one.Reached.Sum());
            if (reached.Sum() >= lowest.Sum())
            {
                break;
            }

            lowest = reached;
            chosen.Add((best, lowest.Average()));
        }

        return chosen;
    }
}
