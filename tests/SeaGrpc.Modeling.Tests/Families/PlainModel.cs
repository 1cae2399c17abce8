using System.Text.Json.Nodes;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>
/// Every family's forward pass written plainly, for comparison: numbers in double precision, one loop per sum, no tensors, no
/// cache, from config.json's keys and the papers.
/// </summary>
internal sealed class PlainModel(JsonObject config, string family, IReadOnlyDictionary<string, double[]> weights)
{
    private readonly int _hidden = (int)config["hidden_size"]!;
    private readonly int _heads = (int)config["num_attention_heads"]!;
    private readonly int _groups = (int)config["num_key_value_heads"]!;
    private readonly double _epsilon = (double?)config["rms_norm_eps"] ?? (family == "Phi3" ? 1e-5 : 1e-6);

    private int HeadSize => (int?)config["head_dim"] ?? _hidden / _heads;

    private bool IsGemma => family == "Gemma2";

    /// <summary>Rows of the embedding matrix.</summary>
    public double[][] Embed(IEnumerable<long> ids) =>
        [.. ids.Select(id => weights["model.embed_tokens.weight"][((int)id * _hidden)..(((int)id + 1) * _hidden)])];

    /// <summary>Hidden states after the final norm, from embeddings [positions][hidden].</summary>
    public double[][] Forward(double[][] embeddings)
    {
        double[][] states = [.. embeddings.Select(row => row.Select(value => IsGemma ? value * Math.Sqrt(_hidden) : value).ToArray())];
        for (int layer = 0; layer < (int)config["num_hidden_layers"]!; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            double[][] attended = Attend(
                [.. states.Select(state => Norm(state, prefix + "input_layernorm.weight"))], layer, prefix + "self_attn.");
            for (int at = 0; at < states.Length; at++)
            {
                states[at] = Sum(states[at], IsGemma ? Norm(attended[at], prefix + "post_attention_layernorm.weight") : attended[at]);
                double[] input = Norm(
                    states[at], prefix + (IsGemma ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"));
                double[] output = FeedForward(input, prefix + "mlp.");
                states[at] = Sum(states[at], IsGemma ? Norm(output, prefix + "post_feedforward_layernorm.weight") : output);
            }
        }

        return [.. states.Select(state => Norm(state, "model.norm.weight"))];
    }

    /// <summary>Logits [vocabulary] of one hidden state.</summary>
    public double[] Logits(double[] state)
    {
        double[] matrix = weights.TryGetValue("lm_head.weight", out double[]? own) ? own : weights["model.embed_tokens.weight"];
        double[] logits = Times(matrix, state);
        return IsGemma ? [.. logits.Select(logit => Cap(logit, (double)config["final_logit_softcapping"]!))] : logits;
    }

    /// <summary>score.weight's product, or the two maps with a ReLU between.</summary>
    public double Reward(double[] state) => weights.ContainsKey("score.weight")
        ? Times(weights["score.weight"], state)[0]
        : Linear("score.2", [.. Linear("score.0", state).Select(value => Math.Max(0, value))])[0];

    private double[][] Attend(double[][] input, int layer, string prefix)
    {
        int size = HeadSize;
        var queries = new double[input.Length][];
        var keys = new double[input.Length][];
        var values = new double[input.Length][];
        for (int at = 0; at < input.Length; at++)
        {
            if (family == "Phi3")
            {
                double[] all = Linear(prefix + "qkv_proj", input[at]);
                (queries[at], keys[at], values[at]) =
                    (all[..(_heads * size)], all[(_heads * size)..((_heads + _groups) * size)], all[((_heads + _groups) * size)..]);
            }
            else
            {
                (queries[at], keys[at], values[at]) = (
                    Linear(prefix + "q_proj", input[at]), Linear(prefix + "k_proj", input[at]), Linear(prefix + "v_proj", input[at]));
            }

            queries[at] = Prepare(queries[at], at, prefix + "q_norm.weight");
            keys[at] = Prepare(keys[at], at, prefix + "k_norm.weight");
        }

        var outputs = new double[input.Length][];
        for (int at = 0; at < input.Length; at++)
        {
            var context = new double[_heads * size];
            for (int head = 0; head < _heads; head++)
            {
                int group = head / (_heads / _groups);
                int first = Window(layer) is { } window ? Math.Max(0, at - window + 1) : 0;
                double[] scores =
                    [.. Enumerable.Range(first, at - first + 1).Select(other => Score(queries[at], head, keys[other], group))];
                double most = scores.Max();
                double total = scores.Sum(score => Math.Exp(score - most));
                for (int index = 0; index < scores.Length; index++)
                {
                    for (int d = 0; d < size; d++)
                    {
                        context[(head * size) + d] += Math.Exp(scores[index] - most) / total * values[first + index][(group * size) + d];
                    }
                }
            }

            outputs[at] = Linear(prefix + "o_proj", context);
        }

        return outputs;
    }

    private double Score(double[] query, int head, double[] key, int group)
    {
        double product = 0;
        for (int d = 0; d < HeadSize; d++)
        {
            product += query[(head * HeadSize) + d] * key[(group * HeadSize) + d];
        }

        return IsGemma
            ? Cap(product / Math.Sqrt((double)config["query_pre_attn_scalar"]!), (double)config["attn_logit_softcapping"]!)
            : product / Math.Sqrt(HeadSize);
    }

    // Normalises (Qwen3) and rotates every head of one position.
    private double[] Prepare(double[] all, int position, string norm) =>
        [.. all.Chunk(HeadSize).SelectMany(head => Rotate(family == "Qwen3" ? Norm(head, norm) : head, position))];

    private double[] Rotate(double[] head, int position)
    {
        double[] rotated = [.. head];
        int size = (int)(HeadSize * ((double?)config["partial_rotary_factor"] ?? 1));
        for (int pair = 0; pair < size / 2; pair++)
        {
            (double angle, double amplitude) = Angle(pair, size, position);
            (double low, double high) = (head[pair], head[pair + (size / 2)]);
            rotated[pair] = amplitude * ((low * Math.Cos(angle)) - (high * Math.Sin(angle)));
            rotated[pair + (size / 2)] = amplitude * ((high * Math.Cos(angle)) + (low * Math.Sin(angle)));
        }

        return rotated;
    }

    private (double Angle, double Amplitude) Angle(int pair, int size, int position)
    {
        JsonObject? rope = (config["rope_parameters"] ?? config["rope_scaling"])?.AsObject();
        double theta = (double?)rope?["rope_theta"] ?? (double?)config["rope_theta"] ?? 10_000;
        double frequency = 1 / Math.Pow(theta, 2.0 * pair / size);
        switch ((string?)(rope?["rope_type"] ?? rope?["type"]))
        {
            case "linear":
                return (position / (double)rope!["factor"]! * frequency, 1);
            case "llama3":
                double factor = (double)rope!["factor"]!;
                double original = (double)rope["original_max_position_embeddings"]!;
                double wavelength = 2 * Math.PI / frequency;
                (double low, double high) = ((double)rope["low_freq_factor"]!, (double)rope["high_freq_factor"]!);
                if (wavelength > original / low)
                {
                    return (position * frequency / factor, 1);
                }

                if (wavelength < original / high)
                {
                    return (position * frequency, 1);
                }

                double smooth = ((original / wavelength) - low) / (high - low);
                return (position * (((1 - smooth) * frequency / factor) + (smooth * frequency)), 1);
            case "yarn":
                // Turns within the original length decide: the index at which a frequency turns so often, by solving for it.
                double stretch = (double)rope!["factor"]!;
                double before = (double)rope["original_max_position_embeddings"]!;
                double Index(double turns) => Math.Log(before / (turns * 2 * Math.PI), theta) * size / 2;
                double from = Index((double?)rope["beta_fast"] ?? 32);
                double to = Index((double?)rope["beta_slow"] ?? 1);
                if ((bool?)rope["truncate"] != false)
                {
                    (from, to) = (Math.Floor(from), Math.Ceiling(to));
                }

                (from, to) = (Math.Max(0, from), Math.Min(size - 1, to));
                double slowness = Math.Min(1, Math.Max(0, (pair - from) / (to - from)));
                double strength = rope["mscale"] is { } scale
                    ? (1 + (0.1 * (double)scale * Math.Log(stretch))) / (1 + (0.1 * (double)rope["mscale_all_dim"]! * Math.Log(stretch)))
                    : 1 + (0.1 * Math.Log(stretch));
                return (position * ((frequency * (1 - slowness)) + (frequency / stretch * slowness)), strength);
            case "longrope":
                double extension = (double)config["max_position_embeddings"]! / (double)config["original_max_position_embeddings"]!;
                return (position * frequency / (double)rope!["short_factor"]![pair]!,
                    Math.Sqrt(1 + (Math.Log(extension) / Math.Log((double)config["original_max_position_embeddings"]!))));
            default:
                return (position * frequency, 1);
        }
    }

    private int? Window(int layer) => family switch
    {
        "Mistral" or "Phi3" => (int?)config["sliding_window"],
        "Gemma2" => layer % 2 == 0 ? (int?)config["sliding_window"] : null,
        "Qwen2" =>
            (bool)config["use_sliding_window"]! && layer >= (int)config["max_window_layers"]! ? (int?)config["sliding_window"] : null,
        _ => null,
    };

    private double[] FeedForward(double[] input, string prefix)
    {
        double[] gate;
        double[] up;
        if (family == "Phi3")
        {
            double[] both = Linear(prefix + "gate_up_proj", input);
            (gate, up) = (both[..(both.Length / 2)], both[(both.Length / 2)..]);
        }
        else
        {
            (gate, up) = (Linear(prefix + "gate_proj", input), Linear(prefix + "up_proj", input));
        }

        return Linear(prefix + "down_proj", [.. gate.Zip(up, (left, right) => Activate(left) * right)]);
    }

    private double Activate(double x) => IsGemma
        ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))
        : x / (1 + Math.Exp(-x));

    private double[] Norm(double[] input, string name)
    {
        double root = Math.Sqrt((input.Sum(value => value * value) / input.Length) + _epsilon);
        return [.. input.Select((value, index) => value / root * (IsGemma ? 1 + weights[name][index] : weights[name][index]))];
    }

    private double[] Linear(string name, double[] input)
    {
        double[] output = Times(weights[name + ".weight"], input);
        return weights.TryGetValue(name + ".bias", out double[]? bias) ? Sum(output, bias) : output;
    }

    private static double Cap(double value, double cap) => cap * Math.Tanh(value / cap);

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];

    private static double[] Times(double[] matrix, double[] vector)
    {
        var product = new double[matrix.Length / vector.Length];
        for (int row = 0; row < product.Length; row++)
        {
            for (int column = 0; column < vector.Length; column++)
            {
                product[row] += matrix[(row * vector.Length) + column] * vector[column];
            }
        }

        return product;
    }
}
