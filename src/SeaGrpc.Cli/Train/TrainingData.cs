using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Training;
using SeaGrpc.Worlds;
using SeaGrpc.Worlds.Corpus;

namespace SeaGrpc.Cli.Train;

/// <summary>Turns the world's conversations into ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class TrainingData(Tokenizer tokenizer, ChatTemplate template, SupportDeskCorpus corpus, SeededRandom random)
{
    private const double RandomTokenShare = 0.3;
    private const int DamagedFrom = 5;

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

    /// <summary>A prompt's ids, up to where the response begins.</summary>
    public int[] EncodePrompt(string? system, string prompt) =>
        tokenizer.Encode(template.Render(Messages(system, prompt), addGenerationPrompt: true), parseSpecialTokens: true);

    /// <summary>Ids of prompt and answer, ended as the template ends them.</summary>
    public TrainingSequence Encode(string? system, string prompt, string answer)
    {
        var messages = Messages(system, prompt).Append(new ChatMessage("assistant", answer)).ToArray();
        var ids = tokenizer.Encode(template.Render(messages, addGenerationPrompt: false), parseSpecialTokens: true);
        return new TrainingSequence(ids, EncodePrompt(system, prompt).Length);
    }

    private static List<ChatMessage> Messages(string? system, string prompt)
    {
        var messages = new List<ChatMessage>();
        if (system is not null)
        {
            messages.Add(new ChatMessage("system", system));
        }

        messages.Add(new ChatMessage("user", prompt));
        return messages;
    }

    private TrainingSequence WithRandomToken(TrainingSequence sequence)
    {
        var ids = sequence.Ids.ToArray();
        ids[sequence.ResponseStart + random.Next(ids.Length - sequence.ResponseStart - 1)] = random.Next(tokenizer.VocabularySize);
        return sequence with { Ids = ids };
    }
}
