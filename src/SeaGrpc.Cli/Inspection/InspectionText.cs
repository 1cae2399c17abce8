using System.Globalization;
using System.Text;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Cli.Inspection;

/// <summary>An inspection for people.</summary>
internal static class InspectionText
{
    /// <summary>The whole report.</summary>
    public static string Of(InspectionReport report)
    {
        var text = new StringBuilder();
        Append(text, report.Model);
        foreach ((int index, CheckpointInspection reward) in report.Rewards.Index())
        {
            Append(text, reward);
            if (report.Sharing[index] is { } sharing)
            {
                Line(text, "shared", sharing.Summary);
            }
        }

        if (report.Memory is { } memory)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"memory of one alignment by sea: prompt {report.Lengths.Prompt}, response {report.Lengths.Response} tokens, "
                    + $"{report.Chains} chains, {report.Dtype}\n")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"  weights {Bytes(memory.Weights)}, caches {Bytes(memory.Caches)}, activations {Bytes(memory.Activations)}, "
                        + $"vocabulary-sized {Bytes(memory.Vocabulary)}, program and heap {Bytes(memory.Overhead)}; ")
                .Append(CultureInfo.InvariantCulture, $"together about {Bytes(memory.Total)}\n");
        }

        if (report.CommonIds is { } common && report.CanServe)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"they fit: {common} ids mean the same to all that read ids; a response has none of the others, and no special token\n");
        }

        if (report.CommonIds is { } agreed && !report.CanServe)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"they cannot be served together, though their vocabularies agree ({agreed} ids mean the same to all)\n");
        }

        foreach (string misfit in report.Misfits)
        {
            text.Append(CultureInfo.InvariantCulture, $"they do not fit: {misfit}\n");
        }

        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, CheckpointInspection model)
    {
        text.Append(
            CultureInfo.InvariantCulture, $"{model.Name}: {(model.Problems.Count > 0 ? "cannot be served" : Role(model.Config!))}\n");
        if (model.Config is { } config)
        {
            TransformerConfig shape = config.Transformer;
            Line(
                text, "architecture",
                $"{config.Architecture}, {shape.LayerCount} layers, hidden {shape.HiddenSize}, {shape.HeadCount} heads of "
                    + $"{shape.HeadSize}, {shape.KeyValueHeadCount} for keys and values");
            if (model.ParameterCount is { } parameters)
            {
                Line(
                    text, "weights",
                    $"{parameters / 1e6:0.0} million; on disk "
                        + $"{string.Join(", ", model.BytesByDtype.Select(part => $"{Bytes(part.Value)} in {part.Key}"))}");
            }

            Line(text, "positions", $"{shape.MaxPositions}{Windows(shape)}{Rotary(shape)}");
        }

        if (model.Tokenizer is { } tokenizer)
        {
            Line(
                text, "tokenizer",
                $"{tokenizer.Vocabulary.Count} tokens for {model.Config!.Transformer.VocabularySize} rows; begins with "
                    + $"{Token(tokenizer, tokenizer.BosId)}, ends with "
                    + $"{string.Join(" or ", tokenizer.EosIds.Order().Select(id => Token(tokenizer, id)))}");
            Line(text, "template", model.Template is null ? "none" : "a chat template");
        }

        foreach (string problem in model.Problems)
        {
            Line(text, "problem", problem);
        }

        foreach (string note in model.Notes)
        {
            Line(text, "note", note);
        }
    }

    private static void Line(StringBuilder text, string name, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"  {name,-14}{value}\n");

    private static string Role(CheckpointConfig config) => config.Head == ModelHead.Language ? "a policy" : "a reward model";

    private static string Windows(TransformerConfig shape) => shape.Windows.Count == 0
        ? ""
        : $", a window of {shape.Windows.First(window => window is not null)} in {shape.Windows.Count(window => window is not null)} of "
            + $"{shape.LayerCount} layers";

    private static string Rotary(TransformerConfig shape) => shape.RotaryScaling switch
    {
        null => "",
        LinearRotaryScaling linear => string.Create(CultureInfo.InvariantCulture, $", positions interpolated by {linear.Factor}"),
        Llama3RotaryScaling llama => string.Create(CultureInfo.InvariantCulture, $", Llama 3 rotary scaling by {llama.Factor}"),
        _ => ", longrope",
    };

    private static string Token(Tokenizer tokenizer, int? id) => id is null
        ? "nothing"
        : $"{tokenizer.Vocabulary.FirstOrDefault(entry => entry.Value == id).Key ?? "an id without a token"} ({id})";

    private static string Bytes(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB");
}
