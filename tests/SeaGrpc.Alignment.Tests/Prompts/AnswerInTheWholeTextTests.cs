using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Tests.Prompts;

/// <summary>What a reward model reads around an answer, and the answer, are the ids of the whole rendered text.</summary>
[Trait("tier", "slow")]
public sealed class AnswerInTheWholeTextTests
{
    private const string Llama2 =
        "{% for message in messages %}{% if message.role == 'user' %}{{ '<s>[INST] ' + message.content + ' [/INST]' }}{% else %}{{ ' ' + "
            + "message.content + ' </s>' }}{% endif %}{% endfor %}";

    private const string Gemma =
        "{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\\n' + "
            + "message.content | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% "
            + "endif %}";

    private static readonly string[] Answers = [
        "Yes.", "I see, it leaks.", "a", "2 cups", "\"Quoted\" text", "Ja, natürlich", "你好,世界", "two\nlines", "- a list"];

    public static TheoryData<string, string?> Families => new()
    {
        { "llama2", Llama2 }, { "gemma2", Gemma }, { "mistral_nemo", null }, { "llama3", null }, { "qwen2_5", null },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Parts_are_the_whole(string family, string? template)
    {
        string folder = RealTokenizers.Folder(family);
        var tokenizer = Tokenizer.Load(folder);
        ChatTemplate chat = template is null ? ChatTemplate.Load(folder)! : ChatTemplate.Parse(template, "<bos>", "<eos>");
        var encoder = new ConversationEncoder(tokenizer, chat);
        ChatMessage[][] conversations = [
            [new("user", "Hello there")], [new("user", "My kettle leaks. "), new("assistant", "Since when?"), new("user", "Since May")]];
        foreach (ChatMessage[] conversation in conversations)
        {
            (int[] prefix, int[] suffix) = encoder.EncodeAroundResponse(conversation);
            foreach (string answer in Answers)
            {
                string whole = chat.Render([.. conversation, new ChatMessage("assistant", answer)], addGenerationPrompt: false);
                Assert.Equal(
                    tokenizer.Encode(whole, parseSpecialTokens: true), (int[])[.. prefix, .. encoder.EncodeResponse(answer), .. suffix]);
            }
        }
    }

    [Fact]
    public void A_space_before_an_answer_is_its_first_words_mark_and_no_second_one()
    {
        var tokenizer = Tokenizer.Load(RealTokenizers.Folder("llama2"));
        var encoder = new ConversationEncoder(tokenizer, null);
        int[] sky = tokenizer.Encode("The sky is");
        Assert.Equal(tokenizer.Encode("The sky is blue today"), (int[])[.. sky, .. encoder.EncodeResponse(" blue today")]);
        Assert.Equal(encoder.EncodeResponse("blue"), encoder.EncodeResponse(" blue"));
    }
}
