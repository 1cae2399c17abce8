using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <summary>Turns the world's examples into ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class KeepYourWordData : IStagedData
{
    private const double ForeignTokenShare = 0.12;
    private const int ByteTokens = 256;

    private readonly PromptIds _prompts;
    private readonly KeepYourWordCorpus _corpus;
    private readonly SeededRandom _random;
    private readonly Dictionary<string, int> _wordIds;
    private readonly int _firstWordId;
    private readonly int[] _foreignIds;

    /// <param name="prompts">Encodes conversations.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="seed">Seed of the corpus.</param>
    public KeepYourWordData(PromptIds prompts, Tokenizer tokenizer, int seed)
    {
        _prompts = prompts;
        _corpus = new KeepYourWordCorpus(seed);
        _random = new SeededRandom((ulong)seed + 1);
        _wordIds = KeepYourWordWorld.Words.ToDictionary(word => word, word => Id(tokenizer, KeepYourWordWorld.Joined(word)));
        _firstWordId = Id(tokenizer, KeepYourWordWorld.FirstWord);
        _foreignIds = [.. Enumerable.Range(0, tokenizer.VocabularySize).Except([.. _wordIds.Values, _firstWordId])];
        DrawnIds = [.. Enumerable.Range(ByteTokens, KeepYourWordTokenizer.Build().Tokens.Count - ByteTokens)];
    }

    /// <summary>Every id but the single bytes' and the control tokens': words and their beginnings.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<int> DrawnIds { get; }

    /// <inheritdoc/>
    public TrainingSequence NextConversation(double strength)
    {
        var conversation = _corpus.NextConversation(strength);
        return _prompts.Encode(conversation.System, conversation.Prompt, conversation.Answer);
    }

    /// <summary>Some examples hold a token of the whole vocabulary where a word should be.</summary>
    /// <inheritdoc/>
    public MarkedSequence NextAnswer()
    {
        var answer = _corpus.NextAnswer();
        var sequence = Encode(answer);
        if (!_random.Chance(ForeignTokenShare))
        {
            return Marked(sequence, answer);
        }

        var word = _random.Next(answer.Words.Count);
        return Marked(With(sequence, word, _random.Pick(_foreignIds)), KeepYourWordCorpus.WithForeignWord(answer, word));
    }

    /// <summary>A response with a token that is not a word of the world at some place.</summary>
    public TrainingSequence WithForeignToken(TrainingSequence sequence) =>
        With(sequence, _random.Next(sequence.Ids.Length - sequence.ResponseStart - 1), _random.Pick(_foreignIds));

    /// <summary>An answer's ids, word by word: what a model would write, token by token.</summary>
    public TrainingSequence Encode(LabelledAnswer answer) => _prompts.EncodeIds(
        answer.System,
        answer.Prompt,
        answer.Words.Select((word, at) => at == 0 && word == KeepYourWordWorld.FirstWord ? _firstWordId : _wordIds[word]));

    private static int Id(Tokenizer tokenizer, string word) => tokenizer.Encode(word) is [var id]
        ? id
        : throw new InvalidOperationException($"'{word}' is not one token.");

    private static MarkedSequence Marked(TrainingSequence sequence, LabelledAnswer answer) => new(
        sequence,
        [.. answer.Met.Select(isMet => isMet ? 0.5f : -0.5f), (float)-answer.Penalty],
        [.. answer.Marks.Select(mark => new TokenMark(sequence.ResponseStart + mark.Word, mark.Subject, mark.Holds))]);

    private static TrainingSequence With(TrainingSequence sequence, int word, int id)
    {
        var ids = sequence.Ids.ToArray();
        ids[sequence.ResponseStart + word] = id;
        return sequence with { Ids = ids };
    }
}
