using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Validation;

/// <summary>Tokenises valid requests, once they have a slot, and checks the lengths in tokens.</summary>
internal sealed class Tokenization(LimitOptions limits, ServedModels models)
{
    /// <summary>Room beyond a draft or prefix, in tokens, beside a part of its length.</summary>
    private const int LeastRoom = 16;

    /// <summary>That part: one of so many.</summary>
    private const int PartOfRoom = 4;

    /// <summary>The task of an alignment.</summary>
    /// <exception cref="InvalidRequestException">Something is too long in tokens, or the chat template rejects the conversation.</exception>
    public AlignmentTask ToTask(ValidAlignment valid)
    {
        var violations = new Violations();
        EncodedPrompt prompt = Encode(valid.Prompt, violations);
        int room = Math.Min(Room(prompt), limits.MaxResponseTokens);
        IReadOnlyList<int> prefix = valid.Prefix is null ? [] : Encode(valid.Prefix, violations);
        IReadOnlyList<int>? draft = valid.Draft is null ? null : Encode(valid.Draft, violations);
        if (valid.Draft is not null && valid.Prefix is not null && !valid.PrefixOpen)
        {
            violations.ThrowIfAny();
            draft = FixedPrefix.Hold(valid.Draft, draft!, valid.Prefix, prefix, models, violations);
        }

        int length = valid.MaxResponseTokens ?? Math.Min(Math.Max(limits.DefaultResponseTokens, WithRoom(Math.Max(prefix.Count, draft?.Count ?? 0))), room);
        if (room >= 1 && length > room)
        {
            violations.OutOfRange("spec.max_response_tokens", length, 1, room, " (what the models have room for after this prompt)");
        }

        CheckLength(valid.Draft, draft?.Count ?? 0, length, violations);
        CheckLength(valid.Prefix, prefix.Count, length, violations);
        violations.ThrowIfAny();
        return new AlignmentTask
        {
            Prompt = prompt,
            Method = valid.Method,
            Seed = valid.Seed,
            RewardShares = valid.RewardShares,
            MaxResponseTokens = length,
            Draft = draft,
            ResponsePrefix = prefix,
            ResponsePrefixOpen = valid.PrefixOpen,
        };
    }

    /// <summary>The pairs of a Score request. Equal prompts are one object, so that the models read them once.</summary>
    /// <exception cref="InvalidRequestException">Something is too long in tokens, or the chat template rejects a conversation.</exception>
    public IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> ToPairs(ValidScore valid)
    {
        var violations = new Violations();
        var pairs = new List<(EncodedPrompt, IReadOnlyList<int>)>(valid.Pairs.Count);
        foreach ((ValidPrompt prompt, ValidResponse response) in valid.Pairs)
        {
            EncodedPrompt encoded = Encode(prompt, violations);
            IReadOnlyList<int> ids = Encode(response, violations);
            CheckLength(response, ids.Count, Math.Min(Room(encoded), limits.MaxResponseTokens), violations);
            pairs.Add((encoded, ids));
        }

        violations.ThrowIfAny();
        return pairs;
    }

    /// <summary>What an answer may have at least where a request hands in so many tokens of it and names no limit.</summary>
    private static int WithRoom(int given) => given == 0 ? 0 : given + (given / PartOfRoom) + LeastRoom;

    /// <summary>Tokens that both models have left for a response.</summary>
    private int Room(EncodedPrompt prompt) => Math.Min(
        models.Policy.MaxPositions - prompt.Policy.Count,
        models.RewardPositions - prompt.LongestReward);

    private EncodedPrompt Encode(ValidPrompt prompt, Violations violations)
    {
        EncodedPrompt encoded;
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

        int most = Math.Min(limits.MaxPromptTokens, encoded.Policy.Count + Room(encoded) - 1);
        if (encoded.Policy.Count > most)
        {
            violations.TooLong(prompt.Path, encoded.Policy.Count, most, "tokens");
        }

        return encoded;
    }

    /// <summary>One place less than the most is left to a response, for the end-of-sequence token.</summary>
    private static void CheckLength(ValidResponse? response, int tokens, int most, Violations violations)
    {
        if (response is not null && most >= 1 && tokens > most - 1)
        {
            violations.TooLong(response.Path, tokens, most - 1, "tokens");
        }
    }

    /// <summary>The ids of a response.</summary>
    private IReadOnlyList<int> Encode(ValidResponse response, Violations violations)
    {
        IReadOnlyList<int> ids;
        try
        {
            ids = response.Text is { } text ? models.Prompts.EncodeResponse(text) : response.Ids;
        }
        catch (TokenizationException slow)
        {
            violations.Invalid($"{response.Path}.text", slow.Message);
            return [];
        }

        // Ids that were handed in have been checked; a text may hold an added token of the policy's.
        foreach (int id in ids.Where(id => id >= models.SharedRows).Take(1))
        {
            violations.Invalid(
                $"{response.Path}.text",
                $"holds the token \"{models.Tokenizer.TokenOf(id)}\" of id {id}, but a model that reads the response has only the ids 0 to {models.SharedRows - 1}; leave it out");
        }

        return ids;
    }
}
