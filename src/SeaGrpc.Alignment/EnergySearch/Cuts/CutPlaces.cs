namespace SeaGrpc.Alignment.EnergySearch.Cuts;

/// <summary>Draws the positions at which the current response is cut, according to a parameter.</summary>
/// <param name="state">The search.</param>
internal sealed class CutPlaces(SearchState state)
{
    private (ScoredResponse Response, double[] Weights)? _weighed;

    /// <summary>Distinct positions.</summary>
    /// <param name="count">Number of draws. Fewer positions are returned if some are equal.</param>
    public int[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => Draw()).Distinct()];

    /// <summary>The unnormalised probability of each position. The fixed prefix is never cut and is left out.</summary>
    public double[] Weights()
    {
        if (_weighed is not { } known || !ReferenceEquals(known.Response, state.Current))
        {
            _weighed = known = (state.Current, Weigh());
        }

        return known.Weights;
    }

    private int Draw()
    {
        int places = Math.Max(1, state.Current.Tokens.Count - state.Pinned);
        double uniform = state.Uniform();
        return state.Pinned + state.Parameters.Cut switch
        {
            // n u^2 for n positions.
            EnergySearchCut.Place => (int)(places * uniform * uniform),
            EnergySearchCut.Random => (int)(places * uniform),
            _ => Drawn(Weights(), uniform),
        };
    }

    private double[] Weigh()
    {
        Func<int, double> weight = state.Parameters.Cut switch
        {
            EnergySearchCut.Entropy => Along(
                [.. PolicyFigures.Of(state.Context, state.Reading).Entropies.Select(entropy => (double)entropy)]),
            EnergySearchCut.Gradient => Along([.. RewardNorms().Select(norm => (double)norm)]),
            _ => state.Spread.At,
        };
        double[] weights =
            [.. Enumerable.Range(state.Pinned, Math.Max(1, state.Current.Tokens.Count - state.Pinned)).Select(weight)];
        return weights.Sum() > 0 ? weights : [.. weights.Select(_ => 1.0)];
    }

    private float[] RewardNorms() => Sea.RewardNorms.Of(
        state.Context.Models,
        state.Context.Prompt,
        state.Context.Rows([(state.Current.Tokens.ToArray(), state.Current.EndsWithEos)]),
        state.Parameters.RewardWeight,
        state.Context.Cost);

    private static Func<int, double> Along(double[] figures) => position => figures[position];

    /// <summary>A position drawn in proportion to the weights.</summary>
    private static int Drawn(double[] weights, double uniform)
    {
        double left = uniform * weights.Sum();
        int place = 0;
        while (place < weights.Length - 1 && (left -= weights[place]) >= 0)
        {
            place++;
        }

        return place;
    }
}
