using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>Turns the world's examples into ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class MovingDayData : IStagedData
{
    private const double ForeignTokenShare = 0.05;

    /// <summary>
    /// What a wrong fact counts in the reward; a wrong word counts 1. Leaving a fact out saves the whole sentence that names it.
    /// </summary>
    private const float FactWeight = 1.5f;

    private const int MostErrors = 5;

    private readonly PromptIds _prompts;
    private readonly MovingDayCorpus _corpus;
    private readonly SeededRandom _random;
    private readonly Dictionary<string, int> _wordIds;
    private readonly int[] _foreignIds;

    /// <param name="prompts">Encodes conversations.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="seed">Seed of the corpus.</param>
    public MovingDayData(PromptIds prompts, Tokenizer tokenizer, int seed)
    {
        _prompts = prompts;
        _corpus = new MovingDayCorpus(seed);
        _random = new SeededRandom((ulong)seed + 1);
        _wordIds = MovingPlan.AllWords.ToDictionary(word => word, word => Id(tokenizer, word));
        _foreignIds = [.. Enumerable.Range(0, MovingDayTokenizer.Build().Tokens.Count).Except(_wordIds.Values)];
    }

    /// <summary>The ids of the language's words.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<int> DrawnIds => [.. _wordIds.Values];

    /// <inheritdoc/>
    public TrainingSequence NextConversation(double strength)
    {
        Conversation conversation = _corpus.NextConversation(strength);
        return _prompts.Encode(conversation.System, conversation.Prompt, conversation.Answer);
    }

    /// <summary>Some examples hold a token of the whole vocabulary where a word should be.</summary>
    /// <inheritdoc/>
    public MarkedSequence NextAnswer()
    {
        MovingAnswer answer = _corpus.NextAnswer();
        TrainingSequence sequence = Encode(answer);
        var marks = answer.Marks.Select(mark => new TokenMark(sequence.ResponseStart + mark.Word, mark.Subject, mark.Holds)).ToList();
        int wordErrors = answer.WordErrors;
        int[] weightless = [.. Enumerable.Range(0, answer.Words.Count).Where(word => MovingPlan.FactOf(answer.Words[word]) is null)];
        if (weightless.Length > 0 && _random.Chance(ForeignTokenShare))
        {
            // The words on either side no longer fit: the foreign token and the one after it follow nothing.
            int at = sequence.ResponseStart + _random.Pick(weightless);
            wordErrors += marks.Count(mark => Follows(mark, at) && mark.Holds);
            marks = [.. marks.Select(mark => Follows(mark, at) ? mark with { Holds = false } : mark)];
            sequence.Ids[at] = _random.Pick(_foreignIds);
        }

        return new MarkedSequence(sequence, [Score(wordErrors), FactWeight * Score(answer.FactErrors)], marks);
    }

    /// <summary>An answer's ids, word by word: what a model would write, token by token.</summary>
    public TrainingSequence Encode(MovingAnswer answer) =>
        _prompts.EncodeIds(answer.Conversation.System, answer.Conversation.Prompt, answer.Words.Select(word => _wordIds[word]));

    private static bool Follows(TokenMark mark, int at) =>
        mark.Subject == MovingAnswer.WordSubject && (mark.Index == at || mark.Index == at + 1);

    // 1 for no error, less 1 for each.
    private static float Score(int errors) => 1 - Math.Min(errors, MostErrors);

    // The word as it follows another: a punctuation mark has no space before it.
    private static int Id(Tokenizer tokenizer, string word) =>
        tokenizer.Encode(WordText.Join([MovingPlan.AllWords[0], word])) is [_, var id]
            ? id
            : throw new InvalidOperationException($"'{word}' is not one token.");
}
