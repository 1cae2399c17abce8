using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>Reads the normalizer of tokenizer.json as a function from text to text.</summary>
internal sealed class NormalizerReader(TokenizerJson json)
{
    private const string Supported = "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace and Sequence";

    /// <summary>The normalizer, or null if text is not changed.</summary>
    internal Func<string, string>? Read(JsonElement root)
    {
        var steps = new List<Func<string, string>>();
        if (TokenizerJson.TryGet(root, "normalizer", out var part))
        {
            Add(part, steps);
        }

        return steps.Count switch
        {
            0 => null,
            1 => steps[0],
            _ => text => steps.Aggregate(text, (current, step) => step(current)),
        };
    }

    private void Add(JsonElement part, List<Func<string, string>> steps)
    {
        var type = TokenizerJson.TypeOf(part);
        switch (type)
        {
            case "Sequence":
                foreach (var item in part.GetProperty("normalizers").EnumerateArray())
                {
                    Add(item, steps);
                }

                break;
            case "NFC":
                steps.Add(text => UnicodeNormalization.Normalize(text, UnicodeForm.C));
                break;
            case "NFD":
                steps.Add(text => UnicodeNormalization.Normalize(text, UnicodeForm.D));
                break;
            case "NFKC":
                steps.Add(text => UnicodeNormalization.Normalize(text, UnicodeForm.KC));
                break;
            case "NFKD":
                steps.Add(text => UnicodeNormalization.Normalize(text, UnicodeForm.KD));
                break;
            case "Lowercase":
                steps.Add(TextNormalizers.Lowercase);
                break;
            case "StripAccents":
                steps.Add(TextNormalizers.StripAccents);
                break;
            case "Strip":
                var (left, right) = (TokenizerJson.Flag(part, "strip_left", true), TokenizerJson.Flag(part, "strip_right", true));
                steps.Add(text => TextNormalizers.Strip(text, left, right));
                break;
            case "Prepend":
                var prefix = part.GetProperty("prepend").GetString()!;
                steps.Add(text => TextNormalizers.Prepend(text, prefix));
                break;
            case "Replace":
                var pattern = json.ReadPattern(part, "normalizer Replace");
                var content = part.GetProperty("content").GetString()!;
                steps.Add(text => pattern.Replace(text, content));
                break;
            default:
                throw json.Fault($"normalizer '{type}' is not supported; supported are null, {Supported}.");
        }
    }
}
