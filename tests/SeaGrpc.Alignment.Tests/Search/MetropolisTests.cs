using System.Globalization;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>Suffix Metropolis-Hastings on models so small that every response can be counted.</summary>
[Trait("tier", "slow")]
public sealed class MetropolisTests
{
    private const int MaxTokens = 3;
    private const double RewardWeight = 1;

    /// <summary>Visits from which one is kept: those in between depend on each other.</summary>
    private const int Thinning = 5;

    private static readonly EnergySearchParameters Metropolis = new()
    {
        Acceptance = EnergySearchAcceptance.Metropolis,
        RewardWeight = RewardWeight,
        ReferenceTemperature = 0.8,
        PlateauIterations = 2,
        BudgetTokens = 0,
    };

    [Fact]
    public void Visits_are_in_proportion_to_the_optimum()
    {
        int[] legal = [65, 80, 99];
        using AlignmentModels models = Restricted(legal);
        AlignmentTask task = Runs.Task(Metropolis with { Iterations = 2500 }, seed: 11, maxTokens: MaxTokens);
        int[][] all = [.. Responses(legal, MaxTokens)];
        double[] energies = [.. all.Select(tokens => models.Score([tokens], task).Energy)];
        double least = energies.Min();
        double[] weights = [.. energies.Select(energy => Math.Exp(least - energy))];
        double[] shares = [.. weights.Select(weight => weight / weights.Sum())];
        // Neither the policy nor the reward alone would do.
        Assert.InRange(shares.Max(), 1.5 / all.Length, 0.8);

        Dictionary<string, int> places = all.Index().ToDictionary(pair => string.Join(',', pair.Item), pair => pair.Index);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
        int[] visits = new int[all.Length];
        foreach (ScoredResponse state in updates.OfType<IterationUpdate>()
            .Where((_, index) => index % Thinning == 0)
            .Select(update => update.Chains[0].Response))
        {
            visits[places[string.Join(',', state.Tokens)]]++;
        }

        Assert.Equal(task.Method is EnergySearchParameters own ? own.Iterations : 0, outcome.IterationsRun);
        (double statistic, int freedom) = ChiSquared(visits, shares);
        // The 99.9 % quantile, by Wilson and Hilferty's approximation.
        double bound = freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.09 * Math.Sqrt(2.0 / (9 * freedom))), 3);
        Assert.True(statistic < bound,
            $"{statistic} with {freedom} degrees of freedom, but {bound} bounds 99.9 %; visits {string.Join(' ', visits)}, shares "
                + string.Join(' ', shares.Select(share => share.ToString("F3", CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void With_a_stop_string_they_are_in_proportion_among_the_responses_without_it()
    {
        int[] legal = [65, 80, 99];
        using AlignmentModels models = Restricted(legal);
        AlignmentTask task = Runs.Task(Metropolis with { Iterations = 2500 }, seed: 11, maxTokens: MaxTokens) with
        {
            Stops = new StopStrings(["c"], models.Policy.Tokenizer, models.Prompts.EncodeResponse, []),
        };
        int[][] all = [.. Responses(legal, MaxTokens).Where(tokens => !tokens.Contains(99))];
        double[] energies = [.. all.Select(tokens => models.Score([tokens], task).Energy)];
        double[] weights = [.. energies.Select(energy => Math.Exp(energies.Min() - energy))];
        Dictionary<string, int> places = all.Index().ToDictionary(pair => string.Join(',', pair.Item), pair => pair.Index);
        int[] visits = new int[all.Length];
        foreach (IterationUpdate update in Runs.Run(models, task).Updates.OfType<IterationUpdate>().Where((_, at) => at % Thinning == 0))
        {
            visits[places[string.Join(',', update.Chains[0].Response.Tokens)]]++;
        }

        (double statistic, int freedom) = ChiSquared(visits, [.. weights.Select(weight => weight / weights.Sum())]);
        double bound = freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.09 * Math.Sqrt(2.0 / (9 * freedom))), 3);
        Assert.True(statistic < bound, $"{statistic} with {freedom} degrees of freedom, but {bound} bounds 99.9 %");
    }

    [Fact]
    public void The_answer_is_the_best_response_of_all_that_were_visited()
    {
        int[] legal = [65, 80, 99];
        using AlignmentModels models = Restricted(legal);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
            models, Runs.Task(Metropolis with { Iterations = 60 }, maxTokens: MaxTokens));
        IterationUpdate[] visits = [.. updates.OfType<IterationUpdate>()];
        double lowest = visits.Select(update => update.Chains[0].Response.Energy).Append(outcome.Draft.Energy).Min();
        Assert.Equal(lowest, outcome.Response.Energy);
        // The state goes up as well as down.
        Assert.Contains(visits, update => update.Chains[0].Response.Energy > update.Best.Energy);
    }

    [Fact]
    public void A_fixed_prefix_is_never_cut()
    {
        int[] legal = [65, 80, 99];
        using AlignmentModels models = Restricted(legal);
        (List<AlignmentUpdate> updates, _) = Runs.Run(
            models, Runs.Task(Metropolis with { Iterations = 60 }, maxTokens: MaxTokens) with { ResponsePrefix = [80] });
        ScoredResponse[] visited = [.. updates.OfType<IterationUpdate>().Select(update => update.Chains[0].Response)];
        Assert.All(visited, response => Assert.Equal(80, response.Tokens[0]));
        Assert.True(visited.DistinctBy(response => string.Join(',', response.Tokens)).Count() > 5);
    }

    // The policy is made to prefer the legal tokens, but not to say nothing else: a common component of the embeddings raises their logits.
    private static AlignmentModels Restricted(int[] legal)
    {
        AlignmentModels models = TinyModels.Load(3);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor common = models.Policy.Decoder.EmbeddingWeight.select(1, 0);
        common.zero_();
        foreach (int id in (int[])[.. legal, TinyCheckpoint.Eos, TinyCheckpoint.Assistant])
        {
            common[id].copy_(tensor(2f));
        }

        for (int id = 0; id < TinyCheckpoint.VocabularySize; id++)
        {
            models.LegalTokens[id] = legal.Contains(id) || id == TinyCheckpoint.Eos ? 0 : float.NegativeInfinity;
        }

        return models;
    }

    private static IEnumerable<int[]> Responses(int[] legal, int maxTokens)
    {
        IEnumerable<int[]> longest = [[]];
        for (int length = 0; length <= maxTokens; length++)
        {
            foreach (int[] response in longest)
            {
                yield return response;
            }

            longest = [.. longest.SelectMany(response => legal.Select(token => (int[])[.. response, token]))];
        }
    }

    // Responses that are expected fewer than five times are counted together.
    private static (double Statistic, int Freedom) ChiSquared(int[] visits, double[] shares)
    {
        int total = visits.Sum();
        (double Expected, double Seen)[] cells = [.. visits.Zip(shares, (seen, share) => (share * total, (double)seen))];
        (double Expected, double Seen)[] rare = [.. cells.Where(cell => cell.Expected < 5)];
        (double Expected, double Seen)[] counted =
        [
            .. cells.Where(cell => cell.Expected >= 5),
            .. rare.Length == 0 ? [] : new[] { (rare.Sum(cell => cell.Expected), rare.Sum(cell => cell.Seen)) },
        ];
        return (counted.Sum(cell => (cell.Seen - cell.Expected) * (cell.Seen - cell.Expected) / cell.Expected), counted.Length - 1);
    }
}

/// <summary>Exact figures of single responses.</summary>
file static class ExactScores
{
    /// <summary>A response's score; one as long as the limit has no end.</summary>
    public static ScoredResponse Score(this AlignmentModels models, int[][] response, AlignmentTask task)
    {
        using var context = new RunContext(models, task);
        context.Prefill();
        return context.Score([(response[0], response[0].Length < task.MaxResponseTokens)])[0].Response;
    }
}
