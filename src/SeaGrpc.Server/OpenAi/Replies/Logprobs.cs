using System.Text;
using System.Text.Json;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Mapping;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>The log-probabilities of an answer in a conversation.</summary>
/// <param name="Content">Its tokens, without its end.</param>
internal sealed record ChatLogprobs(IReadOnlyList<ChatLogprobs.Token> Content)
{
    /// <summary>A token.</summary>
    /// <param name="Text">Its text.</param>
    /// <param name="Logprob">log pi_ref of it, in nats.</param>
    /// <param name="Bytes">Its text in UTF-8.</param>
    /// <param name="TopLogprobs">The likeliest tokens in its place, likeliest first; null in an entry of such a list.</param>
    internal sealed record Token(
        [property: System.Text.Json.Serialization.JsonPropertyName("token")] string Text, double Logprob, IReadOnlyList<int> Bytes,
        IReadOnlyList<Token>? TopLogprobs);
}

/// <summary>The log-probabilities of an answer of /v1/completions.</summary>
/// <param name="Tokens">The texts of its tokens, without its end.</param>
/// <param name="TokenLogprobs">log pi_ref of each, in nats.</param>
/// <param name="TopLogprobs">The likeliest tokens in place of each, by their texts.</param>
/// <param name="TextOffset">Where each begins in the answer's text.</param>
internal sealed record TextLogprobs(
    IReadOnlyList<string> Tokens, IReadOnlyList<double> TokenLogprobs, IReadOnlyList<Dictionary<string, double>> TopLogprobs,
    IReadOnlyList<int> TextOffset);

/// <summary>Writes the log-probabilities of an answer.</summary>
internal static class Logprobs
{
    /// <summary>Writes them in the form of a request's path.</summary>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="ids">Ids of the whole answer.</param>
    /// <param name="read">What the policy says of each.</param>
    /// <param name="isChat">Whether the answer is in a conversation.</param>
    public static JsonElement Of(Tokenizer tokenizer, IReadOnlyList<int> ids, ReadTokens read, bool isChat)
    {
        var tokens = new List<ChatLogprobs.Token>();
        var offsets = new List<int>();
        for (int place = 0, offset = 0; place < ids.Count; place++)
        {
            int[] before = TokenTexts.Before(ids, place);
            ChatLogprobs.Token own = Token(tokenizer, before, ids[place], read.LogProbabilities[place]) with
            {
                TopLogprobs =
                    [.. read.Alternatives[place].Select(other => Token(tokenizer, before, other.Id, other.LogProbability))],
            };
            tokens.Add(own);
            offsets.Add(offset);
            offset += own.Text.Length;
        }

        return isChat
            ? JsonSerializer.SerializeToElement(new ChatLogprobs(tokens), ReplyJson.Types.ChatLogprobs)
            : JsonSerializer.SerializeToElement(
                new TextLogprobs(
                    [.. tokens.Select(token => token.Text)], [.. tokens.Select(token => token.Logprob)],
                    [.. tokens.Select(token => ByText(token.TopLogprobs!))], offsets),
                ReplyJson.Types.TextLogprobs);
    }

    private static ChatLogprobs.Token Token(Tokenizer tokenizer, int[] before, int id, double logProbability)
    {
        string text = TokenTexts.TextOf(tokenizer, before, id);
        return new ChatLogprobs.Token(text, logProbability, [.. Encoding.UTF8.GetBytes(text).Select(one => (int)one)], null);
    }

    /// <summary>Of tokens with the same text, the likeliest counts.</summary>
    private static Dictionary<string, double> ByText(IReadOnlyList<ChatLogprobs.Token> tokens) =>
        tokens.GroupBy(token => token.Text).ToDictionary(same => same.Key, same => same.Max(token => token.Logprob));
}
