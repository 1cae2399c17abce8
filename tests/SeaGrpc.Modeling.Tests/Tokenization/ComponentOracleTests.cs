using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>
/// Every part of a tokenizer.json that is supported, in a small file of its own, beside Hugging Face's tokenizers in Rust.
/// </summary>
[Trait("tier", "slow")]
public sealed class ComponentOracleTests : IDisposable
{
    private const string Metaspace = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""";
    private const string ByteFallback = """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]}""";

    private static readonly string[] Texts =
    [
        .. SampleTexts.Make(["<s>", "</s>", "<mark>", "<MARK>"]).Where((_, i) => i % 3 == 0),
        "aab abc  abca", "a<mark>b", "a <mark> b", "<s> a", "x<mark>", " a<s>a", "b<s>b a",
    ];

    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Normalizers() => CompareAsync(Cases("normalizer",
        """{"type":"NFC"}""",
        """{"type":"NFD"}""",
        """{"type":"NFKC"}""",
        """{"type":"NFKD"}""",
        """{"type":"Lowercase"}""",
        """{"type":"StripAccents"}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""",
        """{"type":"Strip","strip_left":true,"strip_right":false}""",
        """{"type":"Strip","strip_left":false,"strip_right":true}""",
        """{"type":"Prepend","prepend":"▁"}""",
        """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""",
        """{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"_"}""",
        """{"type":"Replace","pattern":{"Regex":"(?i:A)|[^\\p{L}\\s]"},"content":""}"""));

    [Fact]
    public Task Byte_level_pre_tokenizers() => CompareAsync(Cases("pre_tokenizer",
        """{"type":"ByteLevel","add_prefix_space":true,"use_regex":true,"trim_offsets":true}""",
        """{"type":"ByteLevel","add_prefix_space":false,"use_regex":false,"trim_offsets":true}""",
        """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}]}""",
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}]}"""));

    // Pieces of one character each are ids of one character each: cuts show by the merges that they prevent.
    [Fact]
    public Task Other_pre_tokenizers()
    {
        UseByteFallback();
        return CompareAsync(Cases("pre_tokenizer",
            Metaspace,
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""",
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""",
            """{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""",
            """{"type":"Split","pattern":{"String":"a"},"behavior":"Isolated","invert":false}""",
            """{"type":"Split","pattern":{"String":"a"},"behavior":"Removed","invert":false}""",
            """{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithPrevious","invert":false}""",
            """{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithNext","invert":false}""",
            """{"type":"Split","pattern":{"Regex":"[ab]"},"behavior":"Contiguous","invert":false}""",
            """{"type":"Split","pattern":{"Regex":"\\p{L}+"},"behavior":"Removed","invert":true}""",
            """{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}"},"behavior":"MergedWithPrevious","invert":true}""",
            """{"type":"Digits","individual_digits":true}""",
            """{"type":"Digits","individual_digits":false}""",
            """{"type":"Punctuation","behavior":"Isolated"}""",
            """{"type":"Punctuation","behavior":"MergedWithNext"}""",
            """{"type":"Whitespace"}""",
            """{"type":"WhitespaceSplit"}""",
            """{"type":"CharDelimiterSplit","delimiter":"b"}""",
            """{"type":"BertPreTokenizer"}""",
            "null"));
    }

    [Fact]
    public Task Decoders()
    {
        UseByteFallback();
        return CompareAsync(Cases("decoder",
            ByteFallback,
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""",
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""",
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""",
            """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""",
            """{"type":"Sequence","decoders":[{"type":"Strip","content":"a","start":1,"stop":0},{"type":"ByteFallback"}]}""",
            """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"a","start":2,"stop":0}]}""",
            """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"Regex":"a+"},"content":"<>"}]}"""));
    }

    [Theory]
    [InlineData("lstrip")]
    [InlineData("rstrip")]
    [InlineData("single_word")]
    [InlineData("normalized")]
    public Task Flags_of_added_tokens(string flag)
    {
        _folder.Json["added_tokens"]![2]![flag] = true;
        _folder.Json["added_tokens"]![0]![flag] = true;
        return CompareAsync("normalizer", """{"type":"Lowercase"}""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Unknown_characters(bool fuses)
    {
        UseByteFallback();
        var model = _folder.Json["model"]!;
        model["byte_fallback"] = false;
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = fuses;
        return CompareAsync("pre_tokenizer", "null");
    }

    [Fact]
    public Task Byte_fallback_with_bytes_missing()
    {
        UseByteFallback();
        var model = _folder.Json["model"]!;
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = true;
        model["vocab"]!["gap"] = model["vocab"]!["<0xC3>"]!.GetValue<int>();
        model["vocab"]!.AsObject().Remove("<0xC3>");
        return CompareAsync("pre_tokenizer", "null");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public Task Byte_level_vocabularies_that_lack_bytes(bool hasUnknown, bool fuses)
    {
        // Those that SmolLM2's lacks, and the first of many letters' bytes.
        byte[] missing = [
            0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xF1, 0xF2, 0xD7, .. Enumerable.Range(0xF5, 11).Select(value => (byte)value), 0xC0, 0xC1];
        var model = _folder.Json["model"]!;
        foreach (var (symbol, id) in model["vocab"]!.AsObject()
            .Where(entry => missing.Contains((byte)entry.Value!.GetValue<int>()) && entry.Value!.GetValue<int>() < 256)
            .Select(entry => (entry.Key, entry.Value!.GetValue<int>())).ToList())
        {
            model["vocab"]!.AsObject().Remove(symbol);
            model["vocab"]![$"<gap {id}>"] = id;
        }

        if (hasUnknown)
        {
            model["unk_token"] = "abc";
            model["fuse_unk"] = fuses;
        }

        return CompareAsync("normalizer", "null");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Characters_that_nothing_spells(bool hasBytes)
    {
        UseByteFallback();
        var model = _folder.Json["model"]!;
        model["byte_fallback"] = hasBytes;
        model["vocab"]!["gap"] = model["vocab"]!["<0xC3>"]!.GetValue<int>();
        model["vocab"]!.AsObject().Remove("<0xC3>");
        return CompareAsync("decoder", "null");
    }

    // Microsoft.ML.Tokenizers refuses both.
    [Theory]
    [InlineData("""["a b","b c","ab c","Ġ a","a b"]""")]
    [InlineData("""[["a b","c"],["b","c"],["a","b"],["ab","c"],["Ġ","a"]]""")]
    public Task Merges_that_come_twice_and_merges_of_tokens_with_a_space(string merges)
    {
        var model = _folder.Json["model"]!;
        model["vocab"]!["a b"] = 260;
        model["vocab"]!["a bc"] = 261;
        model["merges"] = JsonNode.Parse(merges);
        _folder.Json["added_tokens"] = new JsonArray(
            TokenizerFolder.Added(262, "<s>", true), TokenizerFolder.Added(263, "</s>", true), TokenizerFolder.Added(264, "<mark>", false));
        return CompareAsync("normalizer", "null");
    }

    [Fact]
    public Task Post_processors() => CompareAsync(Cases("post_processor",
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[260],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[261],"tokens":["</s>"]}}}""",
        """{"type":"BertProcessing","sep":["</s>",261],"cls":["<s>",260]}""",
        """{"type":"RobertaProcessing","sep":["</s>",261],"cls":["<s>",260],"trim_offsets":true,"add_prefix_space":false}""",
        """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false}"""));

    private Task CompareAsync(string key, string json) => CompareAsync(Cases(key, json));

    private List<JsonObject> Cases(string key, params string[] values) => [.. values.Select(value =>
    {
        var json = _folder.Json.DeepClone().AsObject();
        json[key] = JsonNode.Parse(value);
        return json;
    })];

    private static async Task CompareAsync(IReadOnlyList<JsonObject> files)
    {
        var random = new Random(3);
        int[][] idLists =
            [.. Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(260)).ToArray())];
        var answer = await Oracle.AskAsync(
            new { kind = "tokenizers", requests = files.Select(json => new { json, texts = Texts, idLists }) });
        foreach (var (json, result) in files.Zip(answer.GetProperty("results").EnumerateArray()))
        {
            Compare(json, idLists, result.GetProperty("rust"));
        }
    }

    private static void Compare(JsonObject json, int[][] idLists, JsonElement rust)
    {
        using var folder = new TokenizerFolder(json);
        var tokenizer = Tokenizer.Load(folder.Write());
        var report = new ComparisonReport(json.ToJsonString(), rust, default);
        for (var i = 0; i < Texts.Length; i++)
        {
            report.Compare("ids", i, Texts[i], tokenizer.Encode(Texts[i], parseSpecialTokens: true));
            report.Compare("idsWithTemplate", i, Texts[i], tokenizer.Encode(Texts[i], true, addSpecialTokens: true));
        }

        for (var i = 0; i < idLists.Length; i++)
        {
            report.Compare("textsWithSpecial", Texts.Length + i, idLists[i], tokenizer.Decode(idLists[i], keepSpecialTokens: true));
        }

        report.AssertEqual();
    }

    private void UseByteFallback()
    {
        var vocab = new JsonObject();
        foreach (var token in Enumerable.Range(0, 256)
            .Select(value => $"<0x{value:X2}>")
            .Concat(["a", "b", "c", "▁", "aa", "ab", "▁a", "a▁", "1", "2", "12", "!", "1!", "<unk>"]))
        {
            vocab[token] = vocab.Count;
        }

        string[] merges = ["a a", "a b", "▁ a", "a ▁", "1 2", "1 !"];
        _folder.Json["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = vocab,
            ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            ["byte_fallback"] = true,
        };
        var next = vocab.Count;
        _folder.Json["added_tokens"] = new JsonArray(
            TokenizerFolder.Added(next, "<s>", true), TokenizerFolder.Added(next + 1, "</s>", true),
            TokenizerFolder.Added(next + 2, "<mark>", false));
        _folder.Json["pre_tokenizer"] = null;
        _folder.Json["decoder"] = JsonNode.Parse(ByteFallback);
    }
}
