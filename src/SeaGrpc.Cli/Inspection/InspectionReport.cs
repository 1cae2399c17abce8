using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Inspection;

namespace SeaGrpc.Cli.Inspection;

/// <summary>Folders as they are, and how they fit together.</summary>
/// <param name="Model">The folder that was asked about.</param>
/// <param name="Rewards">Reward models to serve with it.</param>
/// <param name="Lengths">What the memory estimate is for.</param>
/// <param name="Chains">Chains of method sea.</param>
/// <param name="Dtype">The number format used to estimate its memory: float32 or bfloat16.</param>
/// <param name="Memory">Memory of one alignment, or null if a folder cannot be served.</param>
/// <param name="CommonIds">
/// Ids that mean the same to all models that read them, or null if there is one model only, or they do not fit.
/// </param>
/// <param name="Misfits">Why the models do not fit each other; none where they do.</param>
/// <param name="Sharing">What each reward model has in common with the policy, in the order of the rewards; null for nothing.</param>
internal sealed record InspectionReport(
    CheckpointInspection Model,
    IReadOnlyList<CheckpointInspection> Rewards,
    ServingLengths Lengths,
    int Chains,
    string Dtype,
    ServingMemory? Memory,
    int? CommonIds,
    IReadOnlyList<string> Misfits,
    IReadOnlyList<WeightSharing?> Sharing
)
{
    /// <summary>Whether all can be served, together.</summary>
    public bool CanServe => All.All(model => model.Problems.Count == 0) && Misfits.Count == 0;

    private IEnumerable<CheckpointInspection> All => Rewards.Prepend(Model);

    /// <summary>Puts it together.</summary>
    public static InspectionReport Of(
        CheckpointInspection model,
        IReadOnlyList<CheckpointInspection> rewards,
        ServingLengths? asked,
        int chains,
        ModelDtype dtype
    )
    {
        CheckpointInspection[] all = [.. rewards.Prepend(model).Select(ConversationInspection.Of)];
        (model, rewards) = (all[0], [.. all[1..].Select(reward => Noted(reward, all[0]))]);
        ServingLengths lengths = asked
            ?? ServingLengths.Within(all.Select(one => one.Config?.Transformer.MaxPositions ?? int.MaxValue / 4).Min());
        int bytes = dtype == ModelDtype.BFloat16 ? 2 : 4;
        ServingMemory? memory = all.All(one => one.ParameterCount is not null)
            ? ServingMemory.Of(
                [.. all.Select(one => (one.Config!.Transformer, one.ParameterCount!.Value, bytes))],
                lengths.Prompt,
                lengths.Response,
                chains
            )
            : null;
        (int? common, List<string> misfits) = Fit(model, rewards);
        CheckpointInspection policy = model;
        WeightSharing?[] sharing =
            [.. rewards.Select(reward => misfits.Count > 0 ? null : SharingInspection.Of(policy, reward, bytes))];
        long saved = sharing.Sum(one => one?.Bytes ?? 0);
        memory = memory is null ? null : memory with { Weights = memory.Weights - saved };
        foreach (
            CheckpointInspection one in all.Where(one =>
                one.Config is { } config && config.Transformer.MaxPositions < lengths.Prompt + lengths.Response
            )
        )
        {
            misfits.Add(
                $"{one.Name} reads at most {one.Config!.Transformer.MaxPositions} positions, but a prompt of {lengths.Prompt} and a "
                    + $"response of {lengths.Response} tokens need more: set --lengths."
            );
        }

        return new InspectionReport(model, rewards, lengths, chains, bytes == 2 ? "bfloat16" : "float32", memory, common, misfits, sharing);
    }

    private static (int? Common, List<string> Misfits) Fit(CheckpointInspection policy, IReadOnlyList<CheckpointInspection> rewards)
    {
        List<string> misfits = [];
        if (rewards.Count > 0 && policy.Config is { Head: not ModelHead.Language })
        {
            misfits.Add($"{policy.Name} is a reward model ({policy.Config.Architecture}), but the first folder must be a policy.");
        }

        misfits.AddRange(
            rewards
                .Where(reward => reward.Config is { Head: ModelHead.Language })
                .Select(reward => $"{reward.Name} is a language model ({reward.Config!.Architecture}), but --reward names reward models.")
        );
        if (rewards.Count == 0 || misfits.Count > 0 || rewards.Prepend(policy).Any(one => one.Tokenizer is null))
        {
            return (null, misfits);
        }

        ModelVocabulary own = Vocabulary("policy", policy);
        ModelVocabulary[] readers =
            [.. rewards.Select(reward => Vocabulary("reward model", reward)).Where(reader => CommonVocabulary.IsOne(own, reader))];
        return (CommonVocabulary.Of(own, readers).Count, misfits);
    }

    // Before anything else is said of it.
    private static CheckpointInspection Noted(CheckpointInspection reward, CheckpointInspection policy) =>
        reward.Tokenizer is null || policy.Tokenizer is null || reward.Config is not { Head: not ModelHead.Language }
            || policy.Config is not { Head: ModelHead.Language }
            || CommonVocabulary.IsOne(Vocabulary("policy", policy), Vocabulary("reward model", reward))
            ? reward
            : reward with
            {
                Notes =
                [
                    .. reward.Notes,
                    "It has another vocabulary than the policy, so it reads the text of responses: scores are exact, its gradient is an "
                        + "estimate, and sea cannot use SEA_SAMPLER_LANGEVIN.",
                ],
            };

    private static ModelVocabulary Vocabulary(string role, CheckpointInspection model) =>
        new(role, model.Name, model.Tokenizer!, model.Config!.Transformer.VocabularySize);
}
