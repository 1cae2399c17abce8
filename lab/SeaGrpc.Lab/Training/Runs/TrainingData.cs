using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>Turns the world's conversations into ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class TrainingData(Tokenizer tokenizer, ChatTemplate template, SupportDeskCorpus corpus, SeededRandom random)
{
    private const double RandomTokenShare = 0.3;
    private const int DamagedFrom = 5;

    private readonly PromptIds _prompts = new(tokenizer, template);

    /// <summary>An example for the policy.</summary>
    public TrainingSequence NextConversation()
    {
        var conversation = corpus.NextConversation();
        return Encode(conversation.System, conversation.Prompt, conversation.Answer);
    }

    /// <summary>A group for the reward model; some of its damaged answers hold a random token of the whole vocabulary besides.</summary>
    public IReadOnlyList<RankedSequence> NextGroup()
    {
        var ranking = corpus.NextRanking();
        return
        [
            .. ranking.Answers.Select((answer, index) =>
            {
                var sequence = Encode(ranking.System, ranking.Prompt, answer.Answer);
                return index >= DamagedFrom && random.Chance(RandomTokenShare)
                    ? new RankedSequence(WithRandomToken(sequence), answer.Quality - 1)
                    : new RankedSequence(sequence, answer.Quality);
            }),
        ];
    }

    /// <inheritdoc cref="PromptIds.EncodePrompt"/>
    public int[] EncodePrompt(string? system, string prompt) => _prompts.EncodePrompt(system, prompt);

    /// <inheritdoc cref="PromptIds.Encode"/>
    public TrainingSequence Encode(string? system, string prompt, string answer) => _prompts.Encode(system, prompt, answer);

    private TrainingSequence WithRandomToken(TrainingSequence sequence)
    {
        var ids = sequence.Ids.ToArray();
        ids[sequence.ResponseStart + random.Next(ids.Length - sequence.ResponseStart - 1)] = random.Next(tokenizer.VocabularySize);
        return sequence with { Ids = ids };
    }
}
