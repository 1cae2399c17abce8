using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>Conversations to ids, through the tokenizer and the chat template that the checkpoints carry.</summary>
internal sealed class PromptIds(Tokenizer tokenizer, ChatTemplate template)
{
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

    /// <summary>The same with an answer given by its ids, as a model would write it.</summary>
    public TrainingSequence EncodeIds(string? system, string prompt, IEnumerable<int> answer)
    {
        var (ids, start) = Encode(system, prompt, string.Empty);
        return new TrainingSequence([.. ids[..start], .. answer, .. ids[start..]], start);
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
}
