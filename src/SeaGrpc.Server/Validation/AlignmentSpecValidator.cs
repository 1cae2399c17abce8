using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving.Requests;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Validation;

/// <summary>Turns a spec into a <see cref="ValidAlignment"/>, or reports all its errors at once.</summary>
internal sealed class AlignmentSpecValidator(LimitOptions limits, ServedModels models)
{
    /// <summary>Largest number of stop strings.</summary>
    public const int MaxStopStrings = 16;

    private const string Path = "spec";
    private const int MaxRequestIdLength = 128;
    private const int MaxStopStringBytes = 256;
    private const int MaxTokenAlternatives = 20;

    private static readonly ParameterRange AnyReward = new(-ParameterRange.Largest, ParameterRange.Largest);

    private readonly PromptValidator _prompts = new(limits, models);
    private readonly MethodValidator _methods = new(limits);
    private readonly ModelNames _names = new(models);

    /// <summary>Checks a spec.</summary>
    /// <exception cref="InvalidRequestException">The spec has violations.</exception>
    /// <exception cref="UnknownModelException">The spec names a model that is not loaded.</exception>
    public ValidAlignment Validate(AlignmentSpec? spec)
    {
        var violations = new Violations();
        if (spec is null)
        {
            violations.Required(Path, "is required");
            violations.ThrowIfAny();
        }

        var read = new FieldReader(Path, violations);
        ValidPrompt? prompt = _prompts.Read(spec!.Prompt, $"{Path}.prompt", violations);
        MethodParameters method = _methods.Read(spec, Path, violations);
        RequestKey? key = ReadKey(spec, violations);
        var valid = new
        {
            Draft = ReadDraft(spec, violations),
            Alternatives = ReadAlternatives(spec, method, violations),
            Prefix = ReadPrefix(spec, violations),
            PrefixOpen = ReadPrefixMode(spec, violations),
            TimeLimit = read.Time("time_limit", spec.TimeLimit, TimeSpan.FromMilliseconds(1), limits.MaxTimeLimit),
            QueueTimeout = read.Time("queue_timeout", spec.QueueTimeout, TimeSpan.FromMilliseconds(1), limits.MaxQueueTimeout),
            MaxResponseTokens = read.Whole(
                "max_response_tokens",
                spec.HasMaxResponseTokens,
                spec.MaxResponseTokens,
                0,
                1,
                limits.MaxResponseTokens
            ),
            SufficientReward = read.Real(
                "sufficient_reward", spec.HasSufficientReward, spec.SufficientReward, 0, AnyReward),
            TokenAlternatives = ReadTokenAlternatives(spec, read, violations),
            Updates = ReadUpdates(spec.Updates ?? new UpdateOptions(), method, violations),
            MixtureWeights = new MixtureWeightsReader(models, violations).Read(
                spec.HasRewardModel ? spec.RewardModel : null,
                spec.RewardShares,
                $"{Path}.reward_shares"
            ),
        };
        (double minRewardGain, double beatenDraftGain) = ReadDraftGains(spec, valid.MixtureWeights, read, violations);
        CheckStopStrings(spec, violations);
        CheckPolicy(spec, method, violations);
        CheckRewards(spec, method, valid.MixtureWeights, violations);
        violations.ThrowIfAny();
        _names.Check(
            spec.HasPolicyModel ? spec.PolicyModel : null,
            spec.HasRewardModel ? spec.RewardModel : null,
            $"{Path}.policy_model",
            $"{Path}.reward_model"
        );
        return new ValidAlignment
        {
            Prompt = prompt!,
            Method = method,
            Draft = valid.Draft,
            Alternatives = valid.Alternatives,
            Prefix = valid.Prefix,
            PrefixOpen = valid.PrefixOpen,
            MixtureWeights = valid.MixtureWeights,
            Key = key,
            Seed = spec.HasSeed ? spec.Seed : DrawSeed(key),
            TimeLimit = valid.TimeLimit,
            QueueTimeout = valid.QueueTimeout,
            MaxResponseTokens = spec.HasMaxResponseTokens ? valid.MaxResponseTokens : null,
            SufficientReward = spec.HasSufficientReward ? valid.SufficientReward : null,
            MinRewardGain = valid.Draft is null ? 0 : minRewardGain,
            BeatenDraftGain = valid.Draft is null ? 0 : beatenDraftGain,
            StopStrings = [.. spec.StopStrings],
            TokenAlternatives = spec.HasTokenAlternatives ? valid.TokenAlternatives : null,
            Updates = valid.Updates,
        };
    }

    private static void CheckStopStrings(AlignmentSpec spec, Violations violations)
    {
        string path = $"{Path}.stop_strings";
        if (spec.StopStrings.Count > MaxStopStrings)
        {
            violations.TooLong(path, spec.StopStrings.Count, MaxStopStrings, "texts");
            return;
        }

        foreach ((int index, string text) in spec.StopStrings.Index())
        {
            int bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes == 0)
            {
                violations.Required($"{path}[{index}]", "must not be empty: an empty text occurs everywhere; omit it");
            }
            else if (bytes > MaxStopStringBytes)
            {
                violations.TooLong($"{path}[{index}]", bytes, MaxStopStringBytes, "bytes of UTF-8");
            }
        }
    }

    private int ReadTokenAlternatives(AlignmentSpec spec, FieldReader read, Violations violations)
    {
        const string Field = "token_alternatives";
        if (spec.HasTokenAlternatives && models.Engine is { ReadsRows: false })
        {
            violations.Invalid(
                $"{Path}.{Field}", "needs the log-probabilities of given tokens, which the policy's engine does not tell; omit it");
        }

        return read.Whole(Field, spec.HasTokenAlternatives, spec.TokenAlternatives, 0, 0, MaxTokenAlternatives);
    }

    /// <summary>Refuses what needs more of the policy than its engine tells.</summary>
    private void CheckPolicy(AlignmentSpec spec, MethodParameters method, Violations violations)
    {
        bool givesTokens = spec.DraftResponse is not null || spec.AlternativeResponses.Count > 0 || spec.ResponsePrefix is not null;
        if (models.Engine is { } engine && PolicyFit.Refusal(method, givesTokens, engine) is { } refusal)
        {
            violations.Invalid($"{Path}.{(ContractMethod.In(spec) ?? ContractMethod.Default).Name}", refusal);
        }
    }

    /// <summary>Refuses a method that cannot use one of the rewards. A reward with weight 0 is not read.</summary>
    private void CheckRewards(AlignmentSpec spec, MethodParameters method, IReadOnlyList<double> mixtureWeights, Violations violations)
    {
        IEnumerable<ServedReward> read = models.Rewards.Where((_, index) => mixtureWeights[index] != 0);
        if (read.Select(reward => reward.Refusal(method)).FirstOrDefault(refusal => refusal is not null) is { } refusal)
        {
            violations.Invalid($"{Path}.{(ContractMethod.In(spec) ?? ContractMethod.Default).Name}", refusal);
        }
    }

    private (double MinRewardGain, double BeatenDraftGain) ReadDraftGains(
        AlignmentSpec spec, IReadOnlyList<double> mixtureWeights, FieldReader read, Violations violations)
    {
        double least = Read(
            "min_reward_gain", spec.HasMinRewardGain, spec.MinRewardGain, models.GainOverDrafts(mixtureWeights), ParameterRange.Largest);
        double less = spec.HasMinRewardGain ? least : models.GainOverBeatenDrafts(mixtureWeights);
        return (least, Read("beaten_draft_gain", spec.HasBeatenDraftGain, spec.BeatenDraftGain, less, least));

        double Read(string field, bool isSet, double value, double byDefault, double most)
        {
            if (isSet && spec.DraftResponse is null)
            {
                violations.Invalid($"{Path}.{field}", "needs a draft_response, whose reward it is measured from");
            }

            return read.Real(field, isSet, value, byDefault, new ParameterRange(0, most));
        }
    }

    /// <summary>Derived from the spec if it has a key, so that a retry gets the seed of the original run.</summary>
    private static ulong DrawSeed(RequestKey? key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (key is null)
        {
            RandomNumberGenerator.Fill(bytes);
        }
        else
        {
            Convert.FromHexString(key.Fingerprint.AsSpan(0, 2 * sizeof(ulong)), bytes, out _, out _);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static RequestKey? ReadKey(AlignmentSpec spec, Violations violations)
    {
        if (!spec.HasRequestId)
        {
            return null;
        }

        if (spec.RequestId.Length is 0 or > MaxRequestIdLength || spec.RequestId.Any(character => character is < '!' or > '~'))
        {
            violations.Invalid($"{Path}.request_id", $"must have 1 to {MaxRequestIdLength} visible ASCII characters");
            return null;
        }

        return new RequestKey(spec.RequestId, Convert.ToHexString(SHA256.HashData(spec.ToByteArray())));
    }

    private ValidResponse? ReadDraft(AlignmentSpec spec, Violations violations)
    {
        string path = $"{Path}.draft_response";
        if (spec.DraftResponse is null)
        {
            return null;
        }

        if (spec.MethodCase == AlignmentSpec.MethodOneofCase.Base)
        {
            violations.Invalid(path, "cannot be used with method base, which samples one response; omit it, or use another method");
        }

        return _prompts.ReadResponse(spec.DraftResponse, path, mayBeEmpty: false, violations);
    }

    private ValidResponse[] ReadAlternatives(AlignmentSpec spec, MethodParameters method, Violations violations)
    {
        string path = $"{Path}.alternative_responses";
        if (spec.AlternativeResponses.Count == 0)
        {
            return [];
        }

        if (method is not Alignment.EnergySearch.EnergySearchParameters)
        {
            violations.Invalid(path, "can be used only with method energy_search; omit it, or send one of them as draft_response");
        }

        if (spec.AlternativeResponses.Count > limits.MaxSamples)
        {
            violations.TooLong(path, spec.AlternativeResponses.Count, limits.MaxSamples, "responses");
            return [];
        }

        return
        [
            .. spec.AlternativeResponses
                .Select((given, index) => _prompts.ReadResponse(given, $"{path}[{index}]", mayBeEmpty: false, violations))
                .OfType<ValidResponse>(),
        ];
    }

    private ValidResponse? ReadPrefix(AlignmentSpec spec, Violations violations) =>
        spec.ResponsePrefix is null
            ? null
            : _prompts.ReadResponse(spec.ResponsePrefix.Content, $"{Path}.response_prefix.content", mayBeEmpty: false, violations);

    private static bool ReadPrefixMode(AlignmentSpec spec, Violations violations)
    {
        if (spec.ResponsePrefix is not { HasMode: true } prefix)
        {
            return false;
        }

        string field = $"{Path}.response_prefix.mode";
        if (prefix.Mode is not (PrefixMode.Fixed or PrefixMode.Open))
        {
            violations.Invalid(field, $"has no value {(int)prefix.Mode}; it must be PREFIX_MODE_FIXED or PREFIX_MODE_OPEN");
        }
        else if (
            prefix.Mode == PrefixMode.Open
            && spec.MethodCase != AlignmentSpec.MethodOneofCase.Sea
        )
        {
            violations.Invalid(field, "can be PREFIX_MODE_OPEN only with method sea: other methods do not change the prefix");
        }

        return prefix.Mode == PrefixMode.Open;
    }

    private UpdateSelection ReadUpdates(UpdateOptions updates, MethodParameters method, Violations violations)
    {
        var read = new FieldReader($"{Path}.updates", violations);
        int chains = MethodValidator.ChainCount(method);
        int most = Math.Max(limits.MaxChains, limits.MaxSamples);
        if (updates.Chains.Count > most)
        {
            violations.TooLong(read.Of("chains"), updates.Chains.Count, most, "chains");
            updates = new UpdateOptions(updates);
            updates.Chains.Clear();
        }

        for (int index = 0; index < updates.Chains.Count; index++)
        {
            if (updates.Chains[index] < 0 || updates.Chains[index] >= chains)
            {
                violations.OutOfRange(read.Of($"chains[{index}]"), updates.Chains[index], 0, chains - 1);
            }
        }

        return new UpdateSelection(
            read.Whole("every_n_iterations", updates.HasEveryNIterations, updates.EveryNIterations, 1, 1, int.MaxValue),
            read.Time("min_interval", updates.MinInterval, TimeSpan.Zero, TimeSpan.FromHours(1)) ?? TimeSpan.Zero,
            updates.Chains.ToHashSet(),
            updates.IncludeText,
            updates.IncludeChangedSpans,
            updates.IncludeTokenIds,
            updates.IncludeKlPerToken,
            updates.IncludeProgress,
            updates.TextDeltas
        );
    }
}
