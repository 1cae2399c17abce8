using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <summary>Turns the world's examples into ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class KeepYourWordData
{
    private const double ForeignTokenShare = 0.12;
    private const int ByteTokens = 256;

    private readonly PromptIds prompts;
    private readonly KeepYourWordCorpus corpus;
    private readonly SeededRandom random;
    private readonly Dictionary<string, int> wordIds;
    private readonly int firstWordId;
    private readonly int[] foreignIds;

    /// <param name="prompts">Encodes conversations.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="seed">Seed of the corpus.</param>
    public KeepYourWordData(PromptIds prompts, Tokenizer tokenizer, int seed)
    {
        this.prompts = prompts;
        corpus = new KeepYourWordCorpus(seed);
        random = new SeededRandom((ulong)seed + 1);
        wordIds = KeepYourWordWorld.Words.ToDictionary(word => word, word => Id(tokenizer, KeepYourWordWorld.Joined(word)));
        firstWordId = Id(tokenizer, KeepYourWordWorld.FirstWord);
        foreignIds = [.. Enumerable.Range(0, tokenizer.VocabularySize).Except([.. wordIds.Values, firstWordId])];
        OrdinaryIds = [.. Enumerable.Range(ByteTokens, KeepYourWordTokenizer.Build().Tokens.Count - ByteTokens)];
    }

    /// <summary>Every id but the single bytes' and the control tokens': words and their beginnings.</summary>
    public IReadOnlyList<int> OrdinaryIds { get; }

    /// <summary>The parts whose sum is the reward: one for each requirement, and one for errors.</summary>
    public static (int Scores, int Subjects) Heads => (KeepYourWordWorld.RequirementNames.Count + 1, KeepYourWordWorld.RequirementNames.Count + 1);

    /// <summary>An example for a policy of a strength.</summary>
    public TrainingSequence NextConversation(double strength)
    {
        var conversation = corpus.NextConversation(strength);
        return prompts.Encode(conversation.System, conversation.Prompt, conversation.Answer);
    }

    /// <summary>An example for the reward model; some hold a token of the whole vocabulary where a word should be.</summary>
    public MarkedSequence NextAnswer()
    {
        var answer = corpus.NextAnswer();
        var sequence = Encode(answer);
        if (!random.Chance(ForeignTokenShare))
        {
            return Marked(sequence, answer);
        }

        var word = random.Next(answer.Words.Count);
        return Marked(With(sequence, word, random.Pick(foreignIds)), KeepYourWordCorpus.WithForeignWord(answer, word));
    }

    /// <summary>A response with a token that is no word of the world at some place.</summary>
    public TrainingSequence WithForeignToken(TrainingSequence sequence) =>
        With(sequence, random.Next(sequence.Ids.Length - sequence.ResponseStart - 1), random.Pick(foreignIds));

    /// <summary>An answer's ids, word by word: what a model would write, token by token.</summary>
    public TrainingSequence Encode(LabelledAnswer answer)
    {
        var (ids, start) = prompts.Encode(answer.System, answer.Prompt, string.Empty);
        var words = answer.Words.Select((word, at) => at == 0 && word == KeepYourWordWorld.FirstWord ? firstWordId : wordIds[word]);
        return new TrainingSequence([.. ids[..start], .. words, .. ids[start..]], start);
    }

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
