using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Probing;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Cli.Output;

namespace SeaGrpc.Cli.Calibration;

/// <summary>Suggests alpha, smoothing and step size of SEA's Langevin sampler for a pair of models, from a few prompts.</summary>
/// <remarks>
/// 1. Sample the policy: the alpha at which one standard deviation of the reward counts as much as one of the log-probability.
/// 2. Substitute single tokens in those samples: the smoothing with which the gradient best predicts the exact changes.
/// 3. Run a few iterations at several step sizes: the smallest at which the energy falls nearly as far as it does at any.
/// 4. Whole runs at that alpha and around it: the smallest that gains nearly as much reward as any whose answers the policy
///    might have given.
/// </remarks>
/// <param name="models">The pair.</param>
/// <param name="options">How much is measured.</param>
/// <param name="progress">Receives how far each of the four measurements is.</param>
public sealed class Calibrator(AlignmentModels models, CalibrationOptions options, IProgress<WorkProgress> progress)
{
    /// <summary>The smallest spread of rewards that is distinguishable from rounding.</summary>
    private const double LeastDeviation = 1e-6;

    /// <summary>A level of smoothing has to predict by this much better than a lower one to be worth its noise.</summary>
    private const double WorthMore = 0.01;

    /// <summary>What is nearly as much: this share. Beyond it, differences over a few prompts are chance.</summary>
    private const double Nearly = 0.95;

    /// <summary>Runs the calibration.</summary>
    /// <param name="prompts">The prompts; at least one.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    /// <exception cref="CalibrationException">The rewards of the samples do not differ, or there is no token to substitute.</exception>
    public CalibrationReport Run(IReadOnlyList<EncodedPrompt> prompts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        // 1. alpha.
        ScoredResponse[][] samples = Each(
            "sampling the policy", prompts,
            (prompt, index) =>
                PolicySamples.Draw(models, prompt, options.Samples, options.MaxResponseTokens, options.Seed + (ulong)index).ToArray(),
            cancellation);
        RewardScale scale = Scale(samples);
        SeaParameters suggested = (SeaParameters)options.Method.ToParameters() with { RewardWeight = Rounded(scale.Balance) };

        // 2. Smoothing.
        GradientFit[] gradients = Fit(prompts, samples, suggested, cancellation);
        double predicting = gradients.Max(fit => fit.Correlation);
        suggested = suggested with { EmbeddingNoise = gradients.First(fit => fit.Correlation >= predicting - WorthMore).Smoothing };

        // 3. Step size.
        StepTrial[] steps = Each(
            "trying step sizes", options.StepSizes, (size, _) => Try(prompts, suggested with { StepSize = size }), cancellation);
        double furthest = steps.Max(trial => trial.EnergyFall);
        StepTrial falling = steps.First(trial => trial.EnergyFall >= Nearly * furthest);
        suggested = suggested with { StepSize = falling.StepSize };

        // 4. Whole runs.
        CheckRun[] checks = Each(
            "checking reward weights", options.Weights,
            (factor, _) => Check(
                prompts, suggested with { RewardWeight = Rounded(factor * scale.Balance), Iterations = options.CheckIterations }),
            cancellation);
        CheckRun chosen = Knee(checks, scale);
        suggested = suggested with { RewardWeight = chosen.RewardWeight };
        var reasons = CalibrationReasons.Of(scale, gradients, falling, chosen, suggested, options);
        string found = string.Join(',', reasons.Select(reason => $"{reason.Parameter}={ParameterText.Of(reason.Value)}"));
        MethodText method = MethodText.Parse(MethodBrackets.Join(options.Method.ToString(), found));
        return new CalibrationReport(scale, gradients, steps, checks, suggested, method, reasons);
    }

    /// <summary>More alpha than this buys little reward, or answers that the policy would not give.</summary>
    private static CheckRun Knee(CheckRun[] checks, RewardScale scale)
    {
        CheckRun[] likely = [.. checks.Where(check => check.LogProbability >= scale.LeastLikely)];
        double most = likely.Select(check => check.Gain).DefaultIfEmpty().Max();
        return likely.FirstOrDefault(check => check.Gain >= Nearly * most) ?? checks[0];
    }

    private static RewardScale Scale(ScoredResponse[][] samples)
    {
        double reward = Deviation(samples, response => response.Reward);
        double logProbability = Deviation(samples, response => response.LogProbability);
        if (reward < LeastDeviation || logProbability < LeastDeviation)
        {
            throw new CalibrationException(
                $"The policy's samples of one prompt do not differ (standard deviation of the reward {reward:G3}, of the log-probability "
                    + $"{logProbability:G3} nats): "
                    + "use prompts that allow different answers, or longer answers."
            );
        }

        double[] correlations =
        [
            .. samples
                .Select(own =>
                    RankCorrelation.Of([.. own.Select(response => response.Reward)], [.. own.Select(response => response.LogProbability)])
                )
                .Where(double.IsFinite),
        ];
        return new RewardScale(
            samples.SelectMany(own => own).Average(response => response.Reward),
            reward,
            samples.SelectMany(own => own).Average(response => response.LogProbability),
            logProbability,
            correlations.Length == 0 ? double.NaN : correlations.Average()
        );
    }

    /// <summary>The standard deviation within a prompt's samples, pooled over the prompts.</summary>
    private static double Deviation(ScoredResponse[][] samples, Func<ScoredResponse, double> figure) =>
        Math.Sqrt(
            samples.Average(own =>
            {
                double mean = own.Average(figure);
                return own.Sum(response => Math.Pow(figure(response) - mean, 2)) / (own.Length - 1);
            })
        );

    private GradientFit[] Fit(
        IReadOnlyList<EncodedPrompt> prompts,
        ScoredResponse[][] samples,
        SeaParameters parameters,
        CancellationToken cancellation
    )
    {
        List<SubstitutionChanges> measured =
        [
            .. Each(
                "comparing gradients with exact substitutions", prompts,
                (prompt, index) => samples[index]
                    .Where(sample => sample.Tokens.Count > 0)
                    .Take(options.Responses)
                    .Select((sample, which) => GradientProbe.Measure(
                        models, prompt, sample, parameters, options.Smoothing, options.Substitutions, options.Draws,
                        options.Seed + (ulong)which))
                    .ToArray(),
                cancellation)
                .SelectMany(own => own),
        ];

        GradientFit[] fits =
        [
            .. options.Smoothing.Select(
                (level, at) =>
                    new GradientFit(
                        level,
                        Mean(measured.Select(substitutions => RankCorrelation.Of(substitutions.Predicted[at], substitutions.Exact))),
                        Found(measured, at)
                    )
            ),
        ];
        return fits.All(fit => double.IsFinite(fit.Correlation))
            ? fits
            : throw new CalibrationException(
                "The policy's samples have no tokens to substitute. Give prompts whose answers are longer than an end-of-sequence token."
            );
    }

    private static double Found(List<SubstitutionChanges> measured, int level)
    {
        (int found, int all) = (0, 0);
        foreach (SubstitutionChanges substitutions in measured)
        {
            IReadOnlyList<double> predicted = substitutions.Predicted[level];
            found += Enumerable
                .Range(0, predicted.Count)
                .OrderBy(index => predicted[index])
                .Take((predicted.Count + 7) / 8)
                .Count(index => substitutions.Exact[index] < 0);
            all += substitutions.Exact.Count(change => change < 0);
        }

        return all == 0 ? double.NaN : (double)found / all;
    }

    private static double Mean(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        return known.Length == 0 ? double.NaN : known.Average();
    }

    private StepTrial Try(IReadOnlyList<EncodedPrompt> prompts, SeaParameters parameters)
    {
        SeaParameters trial = parameters with { Iterations = options.TrialIterations, PlateauIterations = 0 };
        List<double> changes = [];
        List<double> falls = [];
        for (int index = 0; index < prompts.Count; index++)
        {
            IReadOnlyList<ChainSnapshot>? before = null;
            (double start, double best) = (double.PositiveInfinity, double.PositiveInfinity);
            foreach (AlignmentUpdate update in Updates(prompts[index], trial, index, out _))
            {
                IReadOnlyList<ChainSnapshot> chains = update is DraftUpdate draft ? draft.Chains : ((IterationUpdate)update).Chains;
                double lowest = chains.Min(chain => chain.Response.Energy);
                start = before is null ? lowest : start;
                best = Math.Min(best, lowest);
                if (before is not null)
                {
                    changes.Add(chains.Zip(before, (now, then) => TokenDifference(then.Response.Tokens, now.Response.Tokens)).Average());
                }

                before = chains;
            }

            falls.Add(start - best);
        }

        return new StepTrial(parameters.StepSize, changes.Average(), falls.Average());
    }

    private CheckRun Check(IReadOnlyList<EncodedPrompt> prompts, SeaParameters parameters)
    {
        AlignmentOutcome[] outcomes =
        [
            .. prompts.Select(
                (prompt, index) =>
                {
                    Updates(prompt, parameters, index, out AlignmentOutcome outcome);
                    return outcome;
                }
            ),
        ];
        return new CheckRun(
            parameters.RewardWeight,
            outcomes.Average(outcome => outcome.Draft.Reward),
            outcomes.Average(outcome => outcome.Response.Reward),
            outcomes.Average(outcome => outcome.Draft.LogProbability),
            outcomes.Average(outcome => outcome.Response.LogProbability)
        );
    }

    private List<AlignmentUpdate> Updates(EncodedPrompt prompt, SeaParameters parameters, int index, out AlignmentOutcome outcome)
    {
        using IAlignmentRun run = models.Start(
            new AlignmentTask
            {
                Prompt = prompt,
                Method = parameters,
                MaxResponseTokens = options.MaxResponseTokens,
                Seed = options.Seed + (ulong)index,
            }
        );
        List<AlignmentUpdate> updates = [];
        while (!run.IsFinished)
        {
            if (run.Advance() is { } update)
            {
                updates.Add(update);
            }
        }

        outcome = run.Complete(run.FinishReason);
        return updates;
    }

    /// <summary>Does something with each item, and tells how far that is.</summary>
    private TResult[] Each<TItem, TResult>(
        string name, IReadOnlyList<TItem> items, Func<TItem, int, TResult> measure, CancellationToken cancellation)
    {
        var results = new TResult[items.Count];
        for (int index = 0; index < items.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new WorkProgress(name, index, items.Count));
            results[index] = measure(items[index], index);
        }

        progress.Report(new WorkProgress(name, items.Count, items.Count));
        return results;
    }

    /// <summary>Two significant digits: more would claim a precision that a few prompts do not give.</summary>
    private static double Rounded(double value)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Round(Math.Round(value / unit) * unit, 10);
    }

    private static int TokenDifference(IReadOnlyList<int> before, IReadOnlyList<int> after) =>
        Math.Abs(before.Count - after.Count) + before.Zip(after, (one, other) => one == other ? 0 : 1).Sum();
}
