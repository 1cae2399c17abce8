using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ChatMessage = SeaGrpc.Modeling.Tokenization.ChatMessage;

namespace SeaGrpc.Server.Validation;

/// <summary>Validates prompts, drafts and prefixes as far as possible without tokenising.</summary>
internal sealed class PromptValidator(LimitOptions limits, ServedModels models)
{
    /// <summary>Reads a prompt; null if it has violations.</summary>
    public ValidPrompt? Read(Prompt? prompt, string path, Violations violations)
    {
        int before = violations.Count;
        ValidPrompt? valid = prompt?.ContentCase switch
        {
            Prompt.ContentOneofCase.Chat => ReadChat(prompt.Chat, path, violations),
            Prompt.ContentOneofCase.Text => ReadText(prompt.Text, path, violations),
            Prompt.ContentOneofCase.TokenIds => ReadIds(prompt.TokenIds, path, violations),
            _ => null,
        };
        if (valid is null)
        {
            violations.Required(path, "is required: set chat, text or token_ids");
        }

        return violations.Count == before ? valid : null;
    }

    /// <summary>Reads a response from the caller; null if it has violations.</summary>
    public ValidResponse? ReadResponse(ResponseContent? response, string path, bool mayBeEmpty, Violations violations)
    {
        int before = violations.Count;
        string field = path;
        bool isEmpty = false;
        switch (response?.ContentCase)
        {
            case ResponseContent.ContentOneofCase.Text:
                field = $"{path}.text";
                isEmpty = response.Text.Length == 0;
                CheckCharacters(field, Characters(response.Text), violations);
                break;
            case ResponseContent.ContentOneofCase.TokenIds:
                field = $"{path}.token_ids.ids";
                isEmpty = response.TokenIds.Ids.Count == 0;
                CheckIds(field, response.TokenIds.Ids, limits.MaxResponseTokens, isResponse: true, violations);
                break;
            default:
                violations.Required(path, "is required: set text or token_ids");
                break;
        }

        if (isEmpty && !mayBeEmpty)
        {
            violations.Required(field, "must not be empty");
        }

        return violations.Count > before || response is null
            ? null
            : new ValidResponse(path, response.HasText ? response.Text : null, response.HasText ? [] : [.. response.TokenIds.Ids]);
    }

    private static int Characters(string text) => text.EnumerateRunes().Count();

    private ValidChatPrompt ReadChat(Chat chat, string path, Violations violations)
    {
        string turns = $"{path}.chat.messages";
        if (chat.Messages.Count == 0)
        {
            violations.Required(turns, "must have at least one message");
        }

        if (!models.HasChatTemplate)
        {
            violations.Invalid($"{path}.chat", "cannot be used: the policy has no chat template; send text instead");
        }

        if (chat.Messages.Count > limits.MaxPromptCharacters)
        {
            violations.TooLong(turns, chat.Messages.Count, limits.MaxPromptCharacters, "messages");
            return new ValidChatPrompt(path, []);
        }

        var messages = new List<ChatMessage>();
        for (int index = 0; index < chat.Messages.Count; index++)
        {
            V1.ChatMessage message = chat.Messages[index];
            string? role = message.Role switch
            {
                Role.System => "system",
                Role.User => "user",
                Role.Assistant => "assistant",
                _ => null,
            };
            if (role is null)
            {
                violations.Invalid(
                    $"{turns}[{index}].role", $"has no value {(int)message.Role}; it must be ROLE_SYSTEM, ROLE_USER or ROLE_ASSISTANT");
            }

            if (message.Content.Length == 0)
            {
                violations.Required($"{turns}[{index}].content", "must not be empty");
            }

            messages.Add(new ChatMessage(role ?? string.Empty, message.Content));
        }

        if (chat.Messages is [.., { Role: Role.Assistant }])
        {
            violations.Invalid(
                $"{turns}[{chat.Messages.Count - 1}].role",
                "must not be ROLE_ASSISTANT in the last message; use response_prefix for the start of an answer");
        }

        CheckCharacters($"{path}.chat", messages.Sum(message => Characters(message.Content)), violations);
        return new ValidChatPrompt(path, messages);
    }

    private ValidTextPrompt ReadText(string text, string path, Violations violations)
    {
        if (text.Length == 0)
        {
            violations.Required($"{path}.text", "must not be empty");
        }

        CheckCharacters($"{path}.text", Characters(text), violations);
        return new ValidTextPrompt(path, text);
    }

    private ValidTokenPrompt ReadIds(TokenIds tokens, string path, Violations violations)
    {
        string field = $"{path}.token_ids.ids";
        if (tokens.Ids.Count == 0)
        {
            violations.Required(field, "must not be empty");
        }

        CheckIds(field, tokens.Ids, limits.MaxPromptTokens, isResponse: false, violations);
        return new ValidTokenPrompt(path, tokens.Ids);
    }

    private void CheckCharacters(string field, int characters, Violations violations)
    {
        if (characters > limits.MaxPromptCharacters)
        {
            violations.TooLong(field, characters, limits.MaxPromptCharacters, "characters");
        }
    }

    /// <summary>Reports only the first invalid id: a list of a thousand would say no more.</summary>
    private void CheckIds(string field, IReadOnlyList<int> ids, int max, bool isResponse, Violations violations)
    {
        if (ids.Count > max)
        {
            violations.TooLong(field, ids.Count, max, "tokens");
            return;
        }

        int most = isResponse ? models.ResponseIds : models.PromptIds;
        string whose = most < models.Tokenizer.VocabularySize ? " (the ids that every model reading the response has)" : "";
        for (int index = 0; index < ids.Count; index++)
        {
            int id = ids[index];
            if (id < 0 || id >= most)
            {
                violations.OutOfRange($"{field}[{index}]", id, 0, most - 1, whose);
                return;
            }

            if (isResponse && (models.Tokenizer.IsSpecial(id) || models.Tokenizer.EosIds.Contains(id)))
            {
                violations.Invalid(
                    $"{field}[{index}]", $"is {id}, a control token; a response must not contain any, and the server adds its end");
                return;
            }
        }
    }
}
