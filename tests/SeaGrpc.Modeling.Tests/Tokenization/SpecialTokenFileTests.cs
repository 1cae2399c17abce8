using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Tokens that stand in tokenizer_config.json, special_tokens_map.json and added_tokens.json alone.</summary>
public sealed class SpecialTokenFileTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tokens_of_added_tokens_decoder_alone_are_found_and_control()
    {
        _folder.Config!["added_tokens_decoder"] = JsonNode.Parse(
            """{"264":{"content":"<|user|>","special":true},"263":{"content":"<tool>","special":false,"normalized":false}}""");
        var tokenizer = Load();
        Assert.Equal([97, 264, 98], tokenizer.Encode("a<|user|>b", parseSpecialTokens: true));
        Assert.DoesNotContain(264, tokenizer.Encode("a<|user|>b"));
        Assert.Equal([97, 263, 98], tokenizer.Encode("a<tool>b"));
        Assert.True(tokenizer.IsSpecial(264));
        Assert.False(tokenizer.IsSpecial(263));
        Assert.Equal("ab", tokenizer.Decode([97, 264, 98]));
        Assert.Equal("<|user|>", tokenizer.TokenOf(264));
    }

    [Fact]
    public void Flags_of_added_tokens_decoder_come_before_those_of_tokenizer_json()
    {
        _folder.Config!["added_tokens_decoder"] = JsonNode.Parse(
            """{"262":{"content":"<mark>","special":true,"lstrip":true,"rstrip":true,"normalized":false,"single_word":false}}""");
        var tokenizer = Load();
        Assert.True(tokenizer.IsSpecial(262));
        Assert.Equal([97, 262, 98], tokenizer.Encode("a <mark> b", parseSpecialTokens: true));
        Assert.DoesNotContain(262, tokenizer.Encode("<mark>"));
    }

    [Fact]
    public void A_placeholder_of_the_vocabulary_may_be_given_a_meaning()
    {
        _folder.Config!["added_tokens_decoder"] = JsonNode.Parse("""{"258":{"content":"<|im_start|>","special":true}}""");
        var tokenizer = Load();
        Assert.Equal([258, 97], tokenizer.Encode("<|im_start|>a", parseSpecialTokens: true));
        Assert.Equal("<|im_start|>", tokenizer.TokenOf(258));
        Assert.DoesNotContain(258, tokenizer.Encode("bc <|im_start|>"));
        Assert.Equal("bc <|im_start|>", tokenizer.Decode(tokenizer.Encode("bc <|im_start|>")));
    }

    [Fact]
    public void What_tokenizer_json_calls_special_no_other_file_makes_text()
    {
        _folder.Config!["added_tokens_decoder"] = JsonNode.Parse("""{"260":{"content":"<s>","special":false}}""");
        Assert.True(Load().IsSpecial(260));
    }

    [Theory]
    [InlineData("additional_special_tokens", """["<|user|>",{"content":"<|end|>","lstrip":true}]""")]
    [InlineData("extra_special_tokens", """["<|user|>","<|end|>"]""")]
    [InlineData("extra_special_tokens", """{"user_token":"<|user|>","end_token":{"content":"<|end|>"}}""")]
    [InlineData("model_specific_special_tokens", """{"user_token":"<|user|>","end_token":"<|end|>"}""")]
    public void Lists_of_special_tokens_are_control_and_get_the_next_ids(string key, string value)
    {
        _folder.Config![key] = JsonNode.Parse(value);
        var tokenizer = Load();
        Assert.Equal(
            [97, 264, 263],
            tokenizer.Encode(key.StartsWith('m') || value[0] == '{' ? "a<|user|><|end|>" : "a<|end|><|user|>", parseSpecialTokens: true));
        Assert.True(tokenizer.IsSpecial(263) && tokenizer.IsSpecial(264));
    }

    [Fact]
    public void Any_role_of_the_models_own_is_control_and_a_variable_of_the_template()
    {
        _folder.Config!["image_token"] = "<mark>";
        _folder.Config!["chat_template"] = "{{ image_token }}{{ messages[0].content }}";
        Assert.True(Load().IsSpecial(262));
        Assert.Equal("<mark>x", ChatTemplate.Load(_folder.Write())!.Render([new ChatMessage("user", "x")], false));
    }

    [Fact]
    public void Special_tokens_map_names_the_roles_where_there_is_no_added_tokens_decoder()
    {
        _folder.Config!.Remove("bos_token");
        _folder.Config!["eos_token"] = "<mark>";
        _folder.WriteFile(
            "special_tokens_map.json",
            JsonNode.Parse(
                """{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>","additional_special_tokens":["ab"]}""")!.AsObject());
        var tokenizer = Load();
        Assert.Equal(260, tokenizer.BosId);
        Assert.Equal([261], tokenizer.EosIds);
        Assert.True(tokenizer.IsSpecial(256));
        Assert.Equal("<s>", ChatTemplate.Load(WithTemplate("{{ bos_token }}"))!.Render([], false));

        _folder.Config!["added_tokens_decoder"] = new JsonObject();
        tokenizer = Load();
        Assert.Null(tokenizer.BosId);
        Assert.Equal([262], tokenizer.EosIds);
    }

    [Fact]
    public void Added_tokens_json_gives_ids_and_roles_make_its_tokens_control()
    {
        _folder.Config!["pad_token"] = "<pad>";
        _folder.WriteFile("added_tokens.json", JsonNode.Parse("""{"<tool>":264,"<pad>":263}""")!.AsObject());
        var tokenizer = Load();
        Assert.Equal([263, 264], tokenizer.Encode("<pad><tool>", parseSpecialTokens: true));
        Assert.Equal((true, false), (tokenizer.IsSpecial(263), tokenizer.IsSpecial(264)));
    }

    [Theory]
    [InlineData("LlamaTokenizer", 260)]
    [InlineData("LlamaTokenizerFast", 260)]
    [InlineData("PreTrainedTokenizerFast", null)]
    public void A_class_of_transformers_fixes_roles_and_bos_where_no_file_says_anything(string name, int? bos)
    {
        _folder.Config = new JsonObject { ["tokenizer_class"] = name };
        _folder.WriteFile("config.json", new JsonObject { ["eos_token_id"] = 261 });
        Assert.Equal(bos, Load().BosId);
        _folder.Config!["add_bos_token"] = false;
        Assert.Null(Load().BosId);
    }

    [Fact]
    public void Tokens_beyond_the_embeddings_are_left_out_and_noted()
    {
        _folder.Config!["pad_token"] = "<pad>";
        var tokenizer = Tokenizer.Load(_folder.Write(), rows: 263);
        Assert.Equal(["<pad>"], tokenizer.LeftOut);
        Assert.Equal(263, tokenizer.VocabularySize);
        Assert.DoesNotContain(tokenizer.Encode("<pad>", parseSpecialTokens: true), id => id > 262);
        Assert.Contains("<pad>", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        Assert.Equal(263, Tokenizer.Load(_folder.Write(), rows: 264).Vocabulary["<pad>"]);

        _folder.Config!["bos_token"] = "<begin>";
        Assert.Contains(
            "<begin>", Assert.Throws<CheckpointException>(() => Tokenizer.Load(_folder.Write(), rows: 263)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","bos_token":7}""", "bos_token is 7")]
    [InlineData("tokenizer_config.json", """{"eos_token":{"lstrip":true}}""", "eos_token")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","additional_special_tokens":"<x>"}""", "additional_special_tokens")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","extra_special_tokens":[1]}""", "extra_special_tokens")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":[]}""", "added_tokens_decoder")]
    [InlineData(
        "tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":{"x":{"content":"<x>"}}}""", "'x' is not a token id")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":{"263":"<x>"}}""", "263")]
    [InlineData(
        "tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":{"263":{"content":"<x>","special":"yes"}}}""", "special")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":{"300":{"content":"<x>"}}}""", "300")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","added_tokens_decoder":{"5":{"content":"<mark>"}}}""", "262")]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>","add_bos_token":"yes"}""", "add_bos_token")]
    [InlineData("special_tokens_map.json", """{"bos_token":[1]}""", "bos_token")]
    [InlineData("added_tokens.json", """{"<x>":"263"}""", "<x>")]
    [InlineData("added_tokens.json", """{"<x>":262}""", "<mark>")]
    public void What_cannot_be_read_is_refused_with_its_file(string file, string content, string named)
    {
        var path = _folder.Write();
        _folder.WriteFile(file, JsonNode.Parse(content)!.AsObject());
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Load(path));
        Assert.EndsWith(file, error.Path, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("tekken.json")]
    [InlineData("vocab.json")]
    public void A_tokenizer_of_another_form_says_how_to_get_tokenizer_json(string file)
    {
        var path = _folder.Write();
        File.Delete(_folder.JsonPath);
        _folder.WriteFile(file, "x");
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Load(path));
        Assert.All([file, "tokenizer.json", "save_pretrained"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private Tokenizer Load() => Tokenizer.Load(_folder.Write());

    private string WithTemplate(string template)
    {
        _folder.Config!["chat_template"] = template;
        return _folder.Write();
    }
}
