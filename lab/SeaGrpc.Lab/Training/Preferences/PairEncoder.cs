using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>Pairs to ids, in the form in which the server's rewards read a conversation and its answer, end included.</summary>
internal sealed class PairEncoder(ConversationEncoder encoder)
{
    /// <summary>Encodes a pair.</summary>
    /// <exception cref="ChatTemplateException">The chat template rejects the conversation.</exception>
    public PairIds Encode(PreferencePair pair)
    {
        (int[] prefix, int[] suffix) = encoder.EncodeAroundResponse(pair.Messages);
        AnswerRewriting? rewriting = encoder.RewritingOf(pair.Messages, prefix);
        return PairIds.Of(Text(pair.Chosen), Text(pair.Rejected));

        int[] Text(string answer)
        {
            int[] ids = encoder.EncodeResponse(answer);
            return rewriting?.Read(ids) is { } changed ? [.. prefix[..changed.Kept], .. changed.Ids] : [.. prefix, .. ids, .. suffix];
        }
    }
}
