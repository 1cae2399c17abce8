using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using BaseParameters = SeaGrpc.Alignment.BaseParameters;

namespace SeaGrpc.Server.Validation;

/// <summary>Turns a Score request into a <see cref="ValidScore"/>, or reports all its errors at once.</summary>
internal sealed class ScoreRequestValidator(LimitOptions limits, ServedModels models)
{
    private static readonly BaseParameters Absent = new();
    private static readonly Parameter RewardWeight =
        MethodSchema.Of(Absent).Parameters.Single(parameter => parameter.Property == nameof(Absent.RewardWeight));

    private readonly PromptValidator _prompts = new(limits, models);
    private readonly ModelNames _names = new(models);

    /// <summary>Checks a request.</summary>
    /// <exception cref="InvalidRequestException">The request has violations.</exception>
    /// <exception cref="Errors.UnknownModelException">The request names a model that is not loaded.</exception>
    public ValidScore Validate(ScoreRequest request)
    {
        var violations = new Violations();
        if (request.Pairs.Count == 0)
        {
            violations.Required("pairs", "must have at least one pair");
        }

        if (models.Engine is { ReadsRows: false })
        {
            violations.Invalid("pairs", "need the log-probabilities of given tokens, which the policy's engine does not tell");
        }

        if (request.Pairs.Count > limits.MaxScorePairs)
        {
            violations.TooLong("pairs", request.Pairs.Count, limits.MaxScorePairs, "pairs");
            violations.ThrowIfAny();
        }

        var pairs = new List<(ValidPrompt, ValidResponse)>();
        for (int index = 0; index < request.Pairs.Count; index++)
        {
            ScorePair pair = request.Pairs[index];
            ValidPrompt? prompt = _prompts.Read(pair.Prompt, $"pairs[{index}].prompt", violations);
            ValidResponse? response = _prompts.ReadResponse(pair.Response, $"pairs[{index}].response", mayBeEmpty: true, violations);
            if (prompt is not null && response is not null)
            {
                pairs.Add((prompt, response));
            }
        }

        double weight = new FieldReader(string.Empty, violations)
            .Real(RewardWeight.Name, request.HasRewardWeight, request.RewardWeight, Absent.RewardWeight, RewardWeight.Range!.Value);
        IReadOnlyList<double> mixtureWeights = new MixtureWeightsReader(models, violations)
            .Read(request.HasRewardModel ? request.RewardModel : null, request.RewardShares, "reward_shares");
        violations.ThrowIfAny();
        _names.Check(
            request.HasPolicyModel ? request.PolicyModel : null,
            request.HasRewardModel ? request.RewardModel : null,
            "policy_model",
            "reward_model"
        );
        return new ValidScore(pairs, weight, mixtureWeights);
    }
}
