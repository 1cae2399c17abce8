using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Reads the decoder of tokenizer.json as functions that create each step from the one after it.</summary>
internal sealed class DecoderReader(TokenizerJson json, IReadOnlySet<string> addedTokens)
{
    private const string Supported = "ByteLevel, ByteFallback, Metaspace, Replace, Fuse, Strip and Sequence";

    /// <summary>The steps in order.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="isByteLevel">
    /// Whether pieces are in the byte-level alphabet. Then a file without a decoder uses that alphabet's. Otherwise its tokens are words.
    /// </param>
    internal IReadOnlyList<Func<IDecoderStep, IDecoderStep>> Read(JsonElement root, bool isByteLevel)
    {
        var steps = new List<Func<IDecoderStep, IDecoderStep>>();
        if (TokenizerJson.TryGet(root, "decoder", out var part))
        {
            Add(part, steps);
        }
        else if (isByteLevel)
        {
            steps.Add(next => new ByteLevelDecoder(addedTokens, next));
        }
        else
        {
            steps.Add(next => new SpacedDecoder(next));
        }

        return steps;
    }

    private void Add(JsonElement part, List<Func<IDecoderStep, IDecoderStep>> steps)
    {
        var type = TokenizerJson.TypeOf(part);
        switch (type)
        {
            case "Sequence":
                foreach (var item in part.GetProperty("decoders").EnumerateArray())
                {
                    Add(item, steps);
                }

                break;
            case "ByteLevel":
                steps.Add(next => new ByteLevelDecoder(addedTokens, next));
                break;
            case "ByteFallback":
                steps.Add(next => new ByteFallbackDecoder(next));
                break;
            case "Metaspace":
                var replacement = json.Character(part, "replacement", "decoder Metaspace");
                var dropsFirst = TokenizerJson.Text(part, "prepend_scheme") is { } scheme
                    ? scheme != "never"
                    : TokenizerJson.Flag(part, "add_prefix_space", true);
                steps.Add(next => new MetaspaceDecoder(replacement, dropsFirst, next));
                break;
            case "Replace":
                var pattern = json.ReadPattern(part, "decoder Replace");
                var with = part.GetProperty("content").GetString()!;
                steps.Add(next => new ReplaceDecoder(pattern, with, next));
                break;
            case "Fuse":
                steps.Add(next => new FuseDecoder(next));
                break;
            case "Strip":
                var content = json.Character(part, "content", "decoder Strip");
                var (start, stop) = (TokenizerJson.Count(part, "start"), TokenizerJson.Count(part, "stop"));
                steps.Add(next => new StripDecoder(content, start, stop, next));
                break;
            default:
                throw json.Fault($"decoder '{type}' is not supported; supported are {Supported}.");
        }
    }
}
