using System.Globalization;
using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads tokenizer_config.json, special_tokens_map.json and added_tokens.json as transformers 4.57 and 5 do.</summary>
/// <remarks>
/// 1. If tokenizer_config.json has added_tokens_decoder, the other two files are ignored.
/// 2. Otherwise the tokens of special_tokens_map.json come before those of tokenizer_config.json, and added_tokens.json gives ids.
/// 3. A role that no file sets is that of the tokenizer's class.
/// 4. Control tokens are those with a role (any key that ends in _token), those in additional_special_tokens and extra_special_tokens (a
///    list, or an object of roles), and those that a file calls special.
/// </remarks>
internal sealed class SpecialTokenFiles
{
    private const string MapName = "special_tokens_map.json";
    private const string AddedName = "added_tokens.json";
    private const string DecoderKey = "added_tokens_decoder";

    private static readonly string[] KnownRoles = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
    private static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens"];

    private readonly Dictionary<string, NamedToken?> _roles = new(StringComparer.Ordinal);
    private readonly List<NamedToken> _numbered = [];
    private readonly List<NamedToken> _extra = [];

    private SpecialTokenFiles()
    {
    }

    /// <summary>Texts by role.</summary>
    internal IReadOnlyDictionary<string, string> Roles => SetRoles().ToDictionary(role => role.Key, role => role.Value.Content);

    /// <summary>All tokens: first those with ids, by id, then the roles, then the rest.</summary>
    internal IReadOnlyList<NamedToken> Tokens =>
        [.. _numbered.OrderBy(token => token.Id), .. SetRoles().Select(role => role.Value), .. _extra];

    /// <summary>add_bos_token, or null.</summary>
    internal bool? AddsBos { get; private set; }

    /// <summary>Whether the tokenizer's class puts BOS first if nothing else decides.</summary>
    internal bool ClassAddsBos { get; private set; }

    internal static SpecialTokenFiles Read(string folder)
    {
        var files = new SpecialTokenFiles();
        var path = Path.Combine(folder, SequenceTokens.ConfigName);
        using var config = CheckpointJson.ParseIfPresent(path);
        if (config is not null)
        {
            files.ReadNames(path, config.RootElement);
        }

        if (config is not null && TokenizerJson.TryGet(config.RootElement, DecoderKey, out var decoder))
        {
            files.ReadDecoder(path, decoder);
        }
        else
        {
            files.ReadLegacy(Path.Combine(folder, MapName), Path.Combine(folder, AddedName));
        }

        files.ReadClass(path, config?.RootElement);
        return files;
    }

    private IEnumerable<KeyValuePair<string, NamedToken>> SetRoles() => KnownRoles
        .Concat(_roles.Keys.Except(KnownRoles).Order(StringComparer.Ordinal))
        .Where(role => _roles.GetValueOrDefault(role) is not null)
        .Select(role => KeyValuePair.Create(role, _roles[role]!));

    // 4. Roles and lists.
    private void ReadNames(string path, JsonElement root)
    {
        foreach (var item in root.EnumerateObject())
        {
            if (KnownRoles.Contains(item.Name)
                || (item.Name.EndsWith("_token", StringComparison.Ordinal) && TokenElement.Text(item.Value) is not null))
            {
                ReadRole(path, item.Name, item.Value);
            }
            else if (Lists.Contains(item.Name))
            {
                ReadList(path, item.Name, item.Value);
            }
        }
    }

    // An empty text is not a token.
    private void ReadRole(string path, string role, JsonElement value) =>
        _roles[role] = value.ValueKind == JsonValueKind.Null || TokenElement.Text(value) is ""
            ? null
            : TokenElement.Read(path, role, value, isControl: true);

    private void ReadList(string path, string key, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                break;
            case JsonValueKind.Array:
                _extra.AddRange(
                    value.EnumerateArray()
                        .Where(item => TokenElement.Text(item) is not "")
                        .Select(item => TokenElement.Read(path, key, item, isControl: true)));
                break;
            case JsonValueKind.Object:
                foreach (var item in value.EnumerateObject())
                {
                    ReadRole(path, item.Name, item.Value);
                }

                break;
            default:
                throw new CheckpointException(
                    path, $"{key} is a JSON {value.ValueKind}; it must be a list of tokens, or an object of tokens by their names.");
        }
    }

    // 1. Ids and flags.
    private void ReadDecoder(string path, JsonElement decoder)
    {
        if (decoder.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(
                path, $"{DecoderKey} is a JSON {decoder.ValueKind}; it must be an object of tokens by their ids.");
        }

        foreach (var item in decoder.EnumerateObject())
        {
            var id = int.TryParse(item.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new CheckpointException(path, $"{DecoderKey}: '{item.Name}' is not a token id; ids are whole numbers from 0 on.");
            if (item.Value.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(path, $"{DecoderKey}: the token of id {id} must be an object with a content.");
            }

            _numbered.Add(TokenElement.Read(path, $"{DecoderKey}: {id}", item.Value, isControl: false) with { Id = id, FlagsCount = true });
        }
    }

    // 2. Files from before added_tokens_decoder.
    private void ReadLegacy(string mapPath, string addedPath)
    {
        using var map = CheckpointJson.ParseIfPresent(mapPath);
        if (map is not null)
        {
            ReadNames(mapPath, map.RootElement);
        }

        using var added = CheckpointJson.ParseIfPresent(addedPath);
        if (added is null)
        {
            return;
        }

        foreach (var item in added.RootElement.EnumerateObject())
        {
            if (item.Name.Length == 0 || item.Value.ValueKind != JsonValueKind.Number || !item.Value.TryGetInt32(out var id) || id < 0)
            {
                throw new CheckpointException(
                    addedPath, $"the id of '{item.Name}' is {item.Value.GetRawText()}; the file must give tokens ids from 0 on.");
            }

            var isSpecial = _roles.Values.Concat(_extra).Any(token => token?.Content == item.Name);
            _numbered.Add(
                new NamedToken(addedPath, item.Name, isSpecial, id, new TokenFlags(false, false, false, IsNormalized: !isSpecial)));
        }
    }

    // 3. Defaults of the class.
    private void ReadClass(string path, JsonElement? config)
    {
        if (config is not { } root)
        {
            return;
        }

        if (TokenizerJson.TryGet(root, "add_bos_token", out var adds))
        {
            AddsBos = adds.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? adds.GetBoolean()
                : throw new CheckpointException(path, $"add_bos_token is {adds.GetRawText()}; it must be true or false.");
        }

        var known = TokenizerClass.Find(
            root.TryGetProperty("tokenizer_class", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null);
        ClassAddsBos = known.AddsBos;
        foreach (var (role, content) in known.Roles)
        {
            _roles.TryAdd(role, new NamedToken(path, content, IsSpecial: true, IsDefault: true));
        }
    }
}
