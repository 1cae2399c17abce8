using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>
/// A prompt for a reward model that reads answers as text: each is decoded from the policy's ids, and the whole conversation is encoded
/// by the reward model's own tokenizer. Thread-safe.
/// </summary>
internal sealed record TextRewardPrompt : RewardPrompt
{
    /// <summary>Number of tokens with which the length of answers is estimated.</summary>
    private const int Sample = 64;

    private readonly Tokenizer _policy;
    private readonly AnsweredConversation _conversation;
    private readonly Lazy<double> _idsPerToken;

    /// <param name="policy">The policy's tokenizer.</param>
    /// <param name="conversation">The conversation in the reward model's template.</param>
    public TextRewardPrompt(Tokenizer policy, AnsweredConversation conversation)
        : base(conversation.Prefix, conversation.Suffix)
    {
        _policy = policy;
        _conversation = conversation;
        _idsPerToken = new Lazy<double>(() => (double)(LengthWith(PlainWords.Of(policy, Sample)) - Prefix.Count - Suffix.Count) / Sample);
    }

    /// <inheritdoc/>
    public override bool MeasuresAnswers => true;

    /// <summary>The ids that the reward model reads for the conversation with an answer; at least one.</summary>
    /// <param name="answer">The policy's ids, without EOS.</param>
    /// <param name="isWhole">Whether the answer has ended. Otherwise nothing follows it.</param>
    public int[] Read(IReadOnlyList<int> answer, bool isWhole) => _conversation.Encode(Text(answer, isWhole), isWhole);

    /// <summary>
    /// The text of an answer. A whole one is the text that its user gets: bytes that are no character are U+FFFD. Of one that continues,
    /// the bytes of a character that is not complete yet are left out.
    /// </summary>
    /// <param name="answer">The policy's ids, without EOS.</param>
    /// <param name="isWhole">Whether the answer has ended.</param>
    public string Text(IReadOnlyList<int> answer, bool isWhole)
    {
        if (isWhole)
        {
            return _policy.Decode(answer);
        }

        IncrementalDecoder decoder = _policy.StartDecoding();
        return string.Concat(answer.Select(decoder.Add));
    }

    /// <summary>The text of a whole answer, with the characters that each of the policy's tokens stands for.</summary>
    public TokenSpans Spans(IReadOnlyList<int> answer) => TokenSpans.Of(_policy, answer, keepSpecialTokens: false);

    /// <inheritdoc/>
    public override int LengthWith(IReadOnlyList<int> answer) => Read(answer, isWhole: true).Length;

    /// <inheritdoc/>
    public override int Room(int positions, int most) =>
        most < 1 ? most : AnswerRoom.Measure(this, PlainWords.Of(_policy, most), positions);

    /// <inheritdoc/>
    public override int LongestAnswer(int positions) => Prefix.Count + Suffix.Count < positions ? int.MaxValue : 0;

    /// <inheritdoc/>
    public override int AnswerIds(int tokens) => (int)Math.Ceiling(Math.Max(1, _idsPerToken.Value) * tokens);
}
