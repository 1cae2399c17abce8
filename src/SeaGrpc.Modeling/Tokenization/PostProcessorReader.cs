using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads the post_processor of tokenizer.json. Only a template adds tokens.</summary>
/// <param name="json">The file.</param>
/// <param name="idOf">Returns the id of a token, or null.</param>
internal sealed class PostProcessorReader(TokenizerJson json, Func<string, int?> idOf)
{
    internal SequenceTemplate Read(JsonElement root)
    {
        var template = new SequenceTemplate([], []);
        return TokenizerJson.TryGet(root, "post_processor", out var part) ? Add(part, template) : template;
    }

    private SequenceTemplate Add(JsonElement part, SequenceTemplate template)
    {
        var type = TokenizerJson.TypeOf(part);
        return type switch
        {
            "Sequence" => part.GetProperty("processors").EnumerateArray().Aggregate(template, (current, item) => Add(item, current)),
            "TemplateProcessing" => AddTemplate(part, template),
            "ByteLevel" => template,
            "BertProcessing" or "RobertaProcessing" => Around([ReadPair(part, type, "cls")], template, [ReadPair(part, type, "sep")]),
            _ => throw json.Fault(
                $"post_processor '{type}' is not supported; supported are null, TemplateProcessing, BertProcessing, "
                    + "RobertaProcessing, ByteLevel and Sequence."),
        };
    }

    private SequenceTemplate AddTemplate(JsonElement part, SequenceTemplate template)
    {
        var (start, end) = (new List<int>(), new List<int>());
        var sequences = 0;
        foreach (var item in part.GetProperty("single").EnumerateArray())
        {
            if (TokenizerJson.TryGet(item, "Sequence", out _))
            {
                sequences++;
            }
            else
            {
                (sequences == 0 ? start : end).AddRange(ReadIds(part, item.GetProperty("SpecialToken").GetProperty("id").GetString()!));
            }
        }

        return sequences == 1
            ? Around(start, template, end)
            : throw json.Fault($"post_processor TemplateProcessing: single has {sequences} sequences; it must have one.");
    }

    private static SequenceTemplate Around(IReadOnlyList<int> start, SequenceTemplate template, IReadOnlyList<int> end) =>
        new([.. start, .. template.Start], [.. template.End, .. end]);

    // The text and id of a token.
    private int ReadPair(JsonElement part, string type, string key) =>
        TokenizerJson.TryGet(part, key, out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
        && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out var id) && id >= 0
            ? id
            : throw json.Fault($"post_processor {type}: {key} must be a pair of a token and its id.");

    private IReadOnlyList<int> ReadIds(JsonElement part, string name)
    {
        if (TokenizerJson.TryGet(part, "special_tokens", out var tokens) && TokenizerJson.TryGet(tokens, name, out var token))
        {
            return [.. token.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        }

        return idOf(name) is { } known
            ? [known]
            : throw json.Fault($"post_processor names the token '{name}', which the file does not have; add it, or correct the name.");
    }
}
