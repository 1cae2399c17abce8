using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Validation;

/// <summary>Tokenises valid requests after they have a slot, and checks lengths in tokens.</summary>
/// <param name="limits">The operator's limits.</param>
/// <param name="models">The models that read the tokens.</param>
/// <param name="end">Until when the caller waits.</param>
internal sealed class Tokenization(LimitOptions limits, ServedModels models, CallEnd end)
{
    /// <summary>Minimum room for more tokens after a draft or prefix, in addition to a fraction of its length.</summary>
    private const int LeastRoom = 16;

    /// <summary>The fraction is 1 over this number.</summary>
    private const int PartOfRoom = 4;

    /// <summary>Creates the task of an alignment.</summary>
    /// <exception cref="InvalidRequestException">
    /// Something is too long in tokens, or the chat template rejects the conversation.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    public AlignmentTask ToTask(ValidAlignment valid)
    {
        using CallEnd.Scope scope = end.Enter();
        var violations = new Violations();
        if (Encode(valid.Prompt, violations) is not { } prompt)
        {
            violations.ThrowIfAny();
            throw new InvalidOperationException("A prompt that is not encoded is a violation.");
        }

        int room = Room(valid.Prompt, prompt, violations);
        IReadOnlyList<int> prefix = valid.Prefix is null ? [] : Encode(valid.Prefix, violations);
        (ValidResponse Response, IReadOnlyList<int> Ids)[] given =
            [.. valid.GivenResponses.Select(response => (response, Encode(response, violations)))];
        if (given.Length > 0 && valid.Prefix is not null && !valid.PrefixOpen)
        {
            violations.ThrowIfAny();
            given =
            [
                .. given.Select(one =>
                    (one.Response, FixedPrefix.Hold(one.Response, one.Ids, valid.Prefix, prefix, models, violations))),
            ];
        }

        StopStrings? stops = valid.StopStrings.Count == 0
            ? null
            : new StopStrings(valid.StopStrings, models.Tokenizer, Encodable, valid.PrefixOpen ? [] : prefix);
        given = [.. given.Select(one => (one.Response, Cut(one.Response, one.Ids, stops, violations)))];
        int longest = given.Select(one => one.Ids.Count).Append(prefix.Count).Max();
        int length = valid.MaxResponseTokens ?? Math.Min(Math.Max(limits.DefaultResponseTokens, WithRoom(longest)), room);
        if (room >= 1 && length > room)
        {
            violations.OutOfRange("spec.max_response_tokens", length, 1, room, " (the room that this prompt leaves in the context)");
        }

        foreach ((ValidResponse response, IReadOnlyList<int> ids) in given)
        {
            CheckLength(response, ids.Count, length, violations);
            CheckReading(response, ids, prompt, violations);
        }

        CheckLength(valid.Prefix, prefix.Count, length, violations);
        violations.ThrowIfAny();
        return new AlignmentTask
        {
            Prompt = prompt,
            Method = valid.Method,
            Seed = valid.Seed,
            MixtureWeights = valid.MixtureWeights,
            MaxResponseTokens = length,
            SufficientReward = valid.SufficientReward,
            MinRewardGain = valid.MinRewardGain,
            BeatenDraftGain = valid.BeatenDraftGain,
            Draft = valid.Draft is null ? null : given[0].Ids,
            Alternatives = [.. given.Skip(valid.Draft is null ? 0 : 1).Select(one => one.Ids)],
            KnownResponses = [.. Known(valid, prompt, prefix, length, stops)],
            KnownResponseGain = models.GainThatCounts(valid.MixtureWeights),
            ResponsePrefix = prefix,
            ResponsePrefixOpen = valid.PrefixOpen,
            Stops = stops,
        };
    }

    /// <summary>
    /// The operator's responses that a request has room for. Those that do not start with its fixed prefix, that contain a stop string, or
    /// that a reward model cannot read with this prompt, are left out.
    /// </summary>
    private IEnumerable<IReadOnlyList<int>> Known(
        ValidAlignment valid, EncodedPrompt prompt, IReadOnlyList<int> prefix, int length, StopStrings? stops)
    {
        return valid.Method is EnergySearchParameters { KnownResponses: true, Acceptance: not EnergySearchAcceptance.Metropolis }
            ? models.KnownResponses.Where(Fits)
            : [];

        bool Fits(IReadOnlyList<int> ids)
        {
            var violations = new Violations();
            CheckReading(new ValidResponse("known", null, ids), ids, prompt, violations);
            return violations.Count == 0 && ids.Count < length && ids.Take(prefix.Count).SequenceEqual(prefix)
                && stops?.Occurs(ids) != true;
        }
    }

    /// <summary>Creates the pairs of a Score request. Equal prompts become one object, so that the models read them once.</summary>
    /// <exception cref="InvalidRequestException">Something is too long in tokens, or the chat template rejects a conversation.</exception>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    public IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> ToPairs(ValidScore valid)
    {
        using CallEnd.Scope scope = end.Enter();
        var violations = new Violations();
        var pairs = new List<(EncodedPrompt, IReadOnlyList<int>)>(valid.Pairs.Count);
        foreach ((ValidPrompt prompt, ValidResponse response) in valid.Pairs)
        {
            EncodedPrompt? encoded = Encode(prompt, violations);
            IReadOnlyList<int> ids = Encode(response, violations);
            CheckLength(response, ids.Count, encoded is null ? limits.MaxResponseTokens : LongestOf(encoded), violations);
            if (encoded is not null)
            {
                CheckReading(response, ids, encoded, violations);
            }

            if (encoded is not null && violations.Count == 0)
            {
                pairs.Add((encoded, ids));
            }
            else
            {
                pairs.Clear(); // The request is refused. Further pairs are checked for errors, but not kept.
            }
        }

        violations.ThrowIfAny();
        return pairs;
    }

    /// <summary>The smallest response limit for a request that brings some tokens but sets no limit.</summary>
    private static int WithRoom(int given) => given == 0 ? 0 : given + (given / PartOfRoom) + LeastRoom;

    /// <summary>Maximum number of response tokens that the chat templates leave unchanged.</summary>
    private int LongestOf(EncodedPrompt prompt) => Math.Min(
        limits.MaxResponseTokens, prompt.LongestAnswer(models.Policy.MaxPositions, models.RewardPositions));

    /// <summary>Number of tokens that all models have left for a response of unknown content, at most the server's limit.</summary>
    private int Room(ValidPrompt prompt, EncodedPrompt encoded, Violations violations)
    {
        try
        {
            int room = encoded.Room(models.Policy.MaxPositions, models.RewardPositions, limits.MaxResponseTokens);
            if (room < 1 && LongestOf(encoded) >= 1)
            {
                violations.TooLong(
                    prompt.Path, encoded.Policy.Count, Math.Max(0, encoded.Policy.Count + room - 1),
                    "tokens, because a reward model reads more of them");
            }

            return room;
        }
        catch (TokenizationException slow)
        {
            violations.Invalid(prompt.Path, slow.Message);
            return 0;
        }
    }

    /// <summary>A prompt's ids; null if the policy cannot read that many, regardless of the other models.</summary>
    private EncodedPrompt? Encode(ValidPrompt prompt, Violations violations)
    {
        EncodedPrompt encoded;
        end.ThrowIfOver();
        if (prompt is ValidTokenPrompt given && given.Ids.Count >= models.Policy.MaxPositions)
        {
            violations.TooLong(prompt.Path, given.Ids.Count, Math.Min(limits.MaxPromptTokens, models.Policy.MaxPositions - 1), "tokens");
            return null;
        }

        try
        {
            encoded = prompt switch
            {
                ValidChatPrompt chat => models.Prompts.EncodeChat(chat.Messages),
                ValidTextPrompt text => models.Prompts.EncodeText(text.Text),
                ValidTokenPrompt tokens => models.Prompts.EncodeIds(tokens.Ids),
                _ => throw new InvalidOperationException($"No encoding for {prompt.GetType().Name}."),
            };
        }
        catch (ChatTemplateException rejected)
        {
            violations.Invalid($"{prompt.Path}.chat", rejected.Message);
            violations.ThrowIfAny();
            throw;
        }

        catch (TokenizationException slow)
        {
            violations.Invalid(prompt.Path, slow.Message);
            violations.ThrowIfAny();
            throw;
        }

        if (encoded.Policy.Count == 0)
        {
            violations.Invalid(
                prompt.Path, "has no tokens in the policy's vocabulary, so there is nothing to continue; write a text that it can encode");
            violations.ThrowIfAny();
        }

        int most = Math.Min(limits.MaxPromptTokens, encoded.Policy.Count + LongestOf(encoded) - 1);
        if (encoded.Policy.Count > most)
        {
            violations.TooLong(prompt.Path, encoded.Policy.Count, most, "tokens");
        }

        return encoded;
    }

    /// <summary>A response may have one token less than the maximum: its end-of-sequence token needs the last place.</summary>
    private static void CheckLength(ValidResponse? response, int tokens, int most, Violations violations)
    {
        if (response is not null && most >= 1 && tokens > most - 1)
        {
            violations.TooLong(response.Path, tokens, most - 1, "tokens");
        }
    }

    /// <summary>A caller's response must fit in the form that each reward's chat template gives it, which may be longer.</summary>
    private void CheckReading(ValidResponse response, IReadOnlyList<int> ids, EncodedPrompt prompt, Violations violations)
    {
        foreach (RewardPrompt reward in prompt.Rewards.Where(reward => reward.MeasuresAnswers))
        {
            try
            {
                int length = reward.LengthWith(ids);
                if (length > models.RewardPositions)
                {
                    violations.TooLong(
                        response.Path, length, models.RewardPositions,
                        "tokens together with its prompt, as a reward model's chat template and tokenizer write them");
                    return;
                }
            }
            catch (TokenizationException slow)
            {
                violations.Invalid(response.Path, slow.Message);
                return;
            }
        }
    }

    /// <summary>What a stop string leaves of a caller's response.</summary>
    private static IReadOnlyList<int> Cut(ValidResponse response, IReadOnlyList<int> ids, StopStrings? stops, Violations violations)
    {
        if (stops?.Cut(ids, int.MaxValue) is not { } cut)
        {
            return ids;
        }

        if (cut.Tokens.Count == 0)
        {
            violations.Invalid(
                response.Path,
                $"begins with the stop string \"{CallerText.Shown(cut.StopString)}\", so that nothing of it is left; omit one of the two");
        }

        return cut.Tokens;
    }

    /// <summary>The ids of a part of a response; null if it has none that every model reads.</summary>
    private IReadOnlyList<int>? Encodable(string text)
    {
        try
        {
            int[] ids = models.Prompts.EncodeResponse(text);
            return ids.All(id => id < models.SharedRows && !models.Tokenizer.IsSpecial(id)) ? ids : null;
        }
        catch (TokenizationException)
        {
            return null;
        }
    }

    /// <summary>A response's ids.</summary>
    private IReadOnlyList<int> Encode(ValidResponse response, Violations violations)
    {
        IReadOnlyList<int> ids;
        end.ThrowIfOver();
        try
        {
            ids = response.Text is { } text ? models.Prompts.EncodeResponse(text) : response.Ids;
        }
        catch (TokenizationException slow)
        {
            violations.Invalid($"{response.Path}.text", slow.Message);
            violations.ThrowIfAny();
            throw;
        }

        // Ids from the caller have been checked. A text may contain an added token of the policy.
        foreach (int id in ids.Where(id => id >= models.SharedRows).Take(1))
        {
            violations.Invalid(
                $"{response.Path}.text",
                $"contains the token \"{models.Tokenizer.TokenOf(id)}\" (id {id}), but a model that reads the response has only ids 0 to "
                    + $"{models.SharedRows - 1}; omit it");
        }

        return ids;
    }
}
