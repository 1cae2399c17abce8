using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Evaluation.Datasets.Rewards;

/// <summary>
/// A data set's own exact answers as the reward: 1 where the judge finds the row's answer in the text, 0 elsewhere, and 0 for prompts that
/// are no row's. An oracle, which tells what a search finds and not what a policy knows. It reads no model: no tokens and no gradient.
/// </summary>
internal sealed class ExactAnswerReward : IReward
{
    private readonly Tokenizer _tokenizer;
    private readonly ConversationEncoder _encoder;
    private readonly ExactAnswerJudge _judge;
    private readonly Dictionary<string, string> _references;

    /// <summary>For the rows of a file.</summary>
    /// <param name="policy">The policy, whose tokenizer writes the answers; it stays the caller's.</param>
    /// <param name="suite">The suite, which makes a row's prompt.</param>
    /// <param name="judge">Finds and compares answers.</param>
    /// <param name="rows">The rows.</param>
    public ExactAnswerReward(PolicyModel policy, DatasetSuite suite, ExactAnswerJudge judge, IReadOnlyList<DatasetRow> rows)
    {
        _tokenizer = policy.Tokenizer;
        _encoder = new ConversationEncoder(policy.Tokenizer, policy.Template);
        _judge = judge;
        _references = rows.DistinctBy(suite.Prompt).ToDictionary(suite.Prompt, row => row.Reference);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, string>(_references, StringComparer.Ordinal));
        Description = policy.Description with
        {
            Name = "exact-answers",
            Architecture = judge.Settings["judge"],
            Hash = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(judge.Settings["judge"]), .. content])),
            ParameterCount = 0,
        };
    }

    public string Name => Description.Name;

    public ModelDescription Description { get; }

    public bool RewritesAnswers => false;

    public bool HasGradient => false;

    IEnumerable<TransformerDecoder> IReward.Decoders => [];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) =>
        new ExactAnswerPrompt(_encoder.EosId, _references.GetValueOrDefault(messages[^1].Content));

    bool IReward.IsReading(RewardPrompt prompt) => false;

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new ExactAnswerRewardState(answer => IsRight(prompt, answer));

    public void Dispose()
    {
    }

    private bool IsRight(RewardPrompt prompt, IEnumerable<int> answer) =>
        prompt is ExactAnswerPrompt { Reference: { } reference } && _judge.Judge(reference, _tokenizer.Decode(answer)).Counts;

    /// <summary>What the reward knows of a prompt; no model reads it.</summary>
    /// <param name="Eos">The policy's EOS, which ends an answer.</param>
    /// <param name="Reference">The row's answer; null for a prompt that is no row's.</param>
    private sealed record ExactAnswerPrompt(int Eos, string? Reference) : RewardPrompt([], [Eos]);
}
