using System.Text;
using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Reads the pre_tokenizer of tokenizer.json.</summary>
internal sealed class PreTokenizerReader(TokenizerJson json)
{
    private const string Supported =
        "null, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, "
            + "BertPreTokenizer and Sequence";

    internal PreTokenizer Read(JsonElement root)
    {
        var steps = new List<IPreTokenizerStep>();
        if (TokenizerJson.TryGet(root, "pre_tokenizer", out var part))
        {
            Add(part, steps);
        }

        return new PreTokenizer(steps);
    }

    private void Add(JsonElement part, List<IPreTokenizerStep> steps)
    {
        var type = TokenizerJson.TypeOf(part);
        switch (type)
        {
            case "Sequence":
                foreach (var item in part.GetProperty("pretokenizers").EnumerateArray())
                {
                    Add(item, steps);
                }

                break;
            case "ByteLevel":
                steps.Add(new ByteLevelStep(
                    TokenizerJson.Flag(part, "add_prefix_space", true), TokenizerJson.Flag(part, "use_regex", true)));
                break;
            case "Metaspace":
                steps.Add(new MetaspaceStep(
                    json.Character(part, "replacement", "pre_tokenizer Metaspace"), ReadPrepend(part),
                    TokenizerJson.Flag(part, "split", true)));
                break;
            case "Split":
                steps.Add(new DelimiterSplit(
                    json.ReadPattern(part, "pre_tokenizer Split").Matches, ReadBehavior(part), TokenizerJson.Flag(part, "invert")));
                break;
            case "Digits":
                steps.Add(new DelimiterSplit(
                    CharacterClasses.Finder(CharacterClasses.IsNumeric),
                    TokenizerJson.Flag(part, "individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                break;
            case "Punctuation":
                steps.Add(new DelimiterSplit(CharacterClasses.Finder(CharacterClasses.IsPunctuation), ReadBehavior(part)));
                break;
            case "Whitespace":
                steps.Add(new DelimiterSplit(CharacterClasses.FindWords, SplitBehavior.Removed, isInverted: true));
                break;
            case "WhitespaceSplit":
                steps.Add(new DelimiterSplit(CharacterClasses.Finder(Rune.IsWhiteSpace), SplitBehavior.Removed));
                break;
            case "CharDelimiterSplit":
                var delimiter = new Rune(json.Character(part, "delimiter", "pre_tokenizer CharDelimiterSplit"));
                steps.Add(new DelimiterSplit(CharacterClasses.Finder(rune => rune == delimiter), SplitBehavior.Removed));
                break;
            case "BertPreTokenizer":
                steps.Add(new DelimiterSplit(CharacterClasses.Finder(Rune.IsWhiteSpace), SplitBehavior.Removed));
                steps.Add(new DelimiterSplit(CharacterClasses.Finder(CharacterClasses.IsPunctuation), SplitBehavior.Isolated));
                break;
            default:
                throw json.Fault($"pre_tokenizer '{type}' is not supported; supported are {Supported}.");
        }
    }

    private SplitBehavior ReadBehavior(JsonElement part)
    {
        var name = TokenizerJson.Text(part, "behavior") ?? nameof(SplitBehavior.Isolated);
        return Enum.TryParse<SplitBehavior>(name, out var behavior) && Enum.GetNames<SplitBehavior>().Contains(name)
            ? behavior
            : throw json.Fault(
                $"pre_tokenizer {TokenizerJson.TypeOf(part)} with behavior '{name}' is not supported; "
                + $"supported are {string.Join(", ", Enum.GetNames<SplitBehavior>())}.");
    }

    // Files from before prepend_scheme have only add_prefix_space.
    private MetaspacePrepend ReadPrepend(JsonElement part) => TokenizerJson.Text(part, "prepend_scheme") switch
    {
        "always" => MetaspacePrepend.Always,
        "never" => MetaspacePrepend.Never,
        "first" => MetaspacePrepend.First,
        null => TokenizerJson.Flag(part, "add_prefix_space", true) ? MetaspacePrepend.Always : MetaspacePrepend.Never,
        var other => throw json.Fault(
            $"pre_tokenizer Metaspace with prepend_scheme '{other}' is not supported; supported are always, never and first."),
    };
}
