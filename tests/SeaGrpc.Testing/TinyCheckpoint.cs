using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Testing;

/// <summary>The shape of a tiny random checkpoint.</summary>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key/value heads.</param>
/// <param name="HeadSize">Width of a head.</param>
/// <param name="FeedForward">Width of the feed-forward layer.</param>
/// <param name="Tied">Whether the output projection is the embedding matrix.</param>
/// <param name="Deviation">Standard deviation of the random matrices.</param>
/// <param name="AddedTokens">Ordinary tokens after the specials: {word-261} and so on, with a row each.</param>
public sealed record TinyShape(
    int Hidden = 16,
    int Layers = 2,
    int Heads = 2,
    int KeyValueHeads = 1,
    int HeadSize = 8,
    int FeedForward = 24,
    bool Tied = true,
    double Deviation = 0.3,
    int AddedTokens = 0);

/// <summary>Writes random checkpoints in Hugging Face form, with a byte-level tokenizer of the 256 bytes and five specials.</summary>
public static class TinyCheckpoint
{
    /// <summary>Ids 0 to 255 are bytes; then bos, eos, user, assistant, pad.</summary>
    public const int VocabularySize = 261;

    public const int Bos = 256;

    public const int Eos = 257;

    public const int User = 258;

    public const int Assistant = 259;

    public const int Pad = 260;

    private const string Template =
        "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% if message.role == 'assistant' %}{{ "
            + "eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes a policy: LlamaForCausalLM.</summary>
    public static void WritePolicy(string folder, ulong seed, TinyShape? shape = null) =>
        Write(folder, seed, shape ?? new TinyShape(), isReward: false);

    /// <summary>Writes a reward model: LlamaForSequenceClassification with one label.</summary>
    public static void WriteReward(string folder, ulong seed, TinyShape? shape = null) =>
        Write(folder, seed, shape ?? new TinyShape(), isReward: true);

    private static void Write(string folder, ulong seed, TinyShape shape, bool isReward)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        var config = new TransformerConfig
        {
            VocabularySize = VocabularySize + shape.AddedTokens,
            HiddenSize = shape.Hidden,
            IntermediateSize = shape.FeedForward,
            LayerCount = shape.Layers,
            HeadCount = shape.Heads,
            KeyValueHeadCount = shape.KeyValueHeads,
            HeadSize = shape.HeadSize,
            MaxPositions = 512,
            RopeTheta = 10000,
            RmsNormEpsilon = 1e-6,
            TieWordEmbeddings = shape.Tied,
        };
        WeightSource source = TransformerInitialization.Normal(seed, shape.Deviation);
        using var decoder = new TransformerDecoder(config, source, withOutput: !isReward);
        List<(string, Tensor)> weights = [.. decoder.NamedWeights()];
        if (isReward)
        {
            weights.Add(("score.weight", source(new WeightPart("score.weight", 1, shape.Hidden))));
        }

        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights, new Dictionary<string, string> { ["format"] = "pt" });
        WriteJson(folder, "config.json", Config(config, isReward));
        WriteTokenizer(folder, shape.AddedTokens);
    }

    /// <summary>Writes the tokenizer's files alone.</summary>
    public static void WriteTokenizer(string folder, int addedTokens = 0)
    {
        WriteJson(folder, "tokenizer.json", TokenizerJson(addedTokens));
        WriteJson(folder, "tokenizer_config.json", new
        {
            bos_token = "<|bos|>",
            eos_token = "<|eos|>",
            pad_token = "<|pad|>",
            chat_template = Template,
        });
    }

    private static object Config(TransformerConfig config, bool isReward) => new
    {
        architectures = new[] { isReward ? "LlamaForSequenceClassification" : "LlamaForCausalLM" },
        model_type = "llama",
        vocab_size = config.VocabularySize,
        hidden_size = config.HiddenSize,
        intermediate_size = config.IntermediateSize,
        num_hidden_layers = config.LayerCount,
        num_attention_heads = config.HeadCount,
        num_key_value_heads = config.KeyValueHeadCount,
        head_dim = config.HeadSize,
        max_position_embeddings = config.MaxPositions,
        rope_theta = config.RopeTheta,
        rms_norm_eps = config.RmsNormEpsilon,
        tie_word_embeddings = config.TieWordEmbeddings,
        hidden_act = "silu",
        bos_token_id = Bos,
        eos_token_id = Eos,
        pad_token_id = Pad,
        id2label = new Dictionary<string, string> { ["0"] = "LABEL_0" },
    };

    private static object TokenizerJson(int addedTokens) => new
    {
        version = "1.0",
        added_tokens = new[] { "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>", "<|pad|>" }
            .Concat(Enumerable.Range(VocabularySize, addedTokens).Select(id => $"{{word-{id}}}"))
            .Select((content, index) => new
            {
                id = Bos + index,
                content,
                single_word = false,
                lstrip = false,
                rstrip = false,
                normalized = false,
                special = Bos + index < VocabularySize,
            }),
        pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
        decoder = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true },
        model = new { type = "BPE", vocab = ByteAlphabet(), merges = Array.Empty<string>() },
    };

    /// <summary>GPT-2's printable stand-ins for the 256 bytes.</summary>
    private static Dictionary<string, int> ByteAlphabet()
    {
        var alphabet = new Dictionary<string, int>();
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            alphabet[((char)(printable ? value : next++)).ToString()] = value;
        }

        return alphabet;
    }

    private static void WriteJson(string folder, string name, object value) =>
        File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(value, Indented));
}
