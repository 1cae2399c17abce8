using System.Collections.Frozen;
using System.Text.Json;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Security;

/// <summary>Reads the operator's file of callers. All of its problems are reported together, each with its place.</summary>
internal sealed class CallersFile
{
    private const int MostCallers = 1000;
    private const int MostTokens = 8;
    private const int HashLength = 64; // hexadecimal digits of SHA-256
    private const int LongestName = 64;
    private const string Setting = "SeaGrpc:Security:CallersFile";

    private static readonly string[] Keys =
        ["name", "token_sha256", "max_priority", "max_concurrent_calls", "tokens_per_minute", "methods", "rpcs"];

    private static readonly string[] Methods = [.. ContractMethod.All.Select(method => method.Name)];

    private static readonly string[] Rpcs =
        [.. AlignmentService.Descriptor.Methods.Concat(InfoService.Descriptor.Methods).Select(method => method.Name)];

    private readonly List<string> _problems = [];

    private CallersFile()
    {
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="FileFaultException">It cannot be read or has problems; the message lists them.</exception>
    public static IReadOnlyList<CallerRule> Read(string path)
    {
        try
        {
            var file = new CallersFile();
            using JsonDocument document = JsonDocument.Parse(
                SettingsFile.Read(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            IReadOnlyList<CallerRule> rules = file.Rules(document.RootElement);
            return file._problems.Count == 0
                ? rules
                : throw new FileFaultException(
                    $"{Setting}: {path} has {Count(file._problems.Count)}:\n  {string.Join("\n  ", file._problems)}");
        }
        catch (JsonException malformed)
        {
            // The message of the exception may quote the file, and so a token that was written in place of its hash.
            string fault = malformed.LineNumber is { } line
                ? $"is not valid JSON at line {line + 1}, byte {malformed.BytePositionInLine + 1}"
                : "has a key twice in one object";
            throw new FileFaultException(
                $"{Setting}: {path} {fault}: write "
                + """{ "callers": [ { "name": "chat", "token_sha256": ["…"] } ] }, each key once.""");
        }
        catch (FileFaultException fault) when (!fault.Message.StartsWith(Setting, StringComparison.Ordinal))
        {
            throw new FileFaultException($"{Setting}: {fault.Message}", fault);
        }
    }

    private static string Count(int problems) => problems == 1 ? "a problem" : $"{problems} problems";

    private List<CallerRule> Rules(JsonElement root)
    {
        var rules = new List<CallerRule>();
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("callers", out JsonElement callers)
            || callers.ValueKind != JsonValueKind.Array)
        {
            _problems.Add("""it must be an object with the list "callers".""");
            return rules;
        }

        CheckKeys(root, string.Empty, ["callers"]);
        if (callers.GetArrayLength() is 0 or > MostCallers)
        {
            _problems.Add($"callers: there must be 1 to {MostCallers}.");
            return rules;
        }

        int number = 0;
        foreach (JsonElement caller in callers.EnumerateArray())
        {
            string place = $"callers[{number++}]";
            if (caller.ValueKind == JsonValueKind.Object)
            {
                rules.Add(Rule(caller, place));
            }
            else
            {
                _problems.Add($"{place}: it must be an object.");
            }
        }

        foreach (string name in rules.GroupBy(rule => rule.Name).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            _problems.Add($"callers: the name '{CallerText.Shown(name)}' is given twice.");
        }

        foreach (IGrouping<string, string> hash in rules
            .SelectMany(rule => rule.TokenHashes.Select(hash => (rule.Name, Hash: Convert.ToHexString(hash))))
            .GroupBy(entry => entry.Hash, entry => entry.Name)
            .Where(group => group.Count() > 1))
        {
            _problems.Add($"callers: {string.Join(" and ", hash.Select(name => CallerText.Shown(name)))} have the same token.");
        }

        return rules;
    }

    private CallerRule Rule(JsonElement caller, string place)
    {
        CheckKeys(caller, place, Keys);
        return new CallerRule(Name(caller, place), Hashes(caller, place))
        {
            MaxPriority = Priority(caller, place),
            MaxConcurrentCalls = (int?)Number(caller, place, "max_concurrent_calls", 1_000_000),
            TokensPerMinute = Number(caller, place, "tokens_per_minute", 1_000_000_000_000),
            Methods = Names(caller, place, "methods", Methods),
            Rpcs = Names(caller, place, "rpcs", Rpcs),
        };
    }

    private string Name(JsonElement caller, string place)
    {
        string name = Text(caller, "name") ?? string.Empty;
        if (name.Length is 0 or > LongestName || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'))
        {
            _problems.Add($"{place}.name: it must be 1 to {LongestName} letters, digits, '.', '_' or '-'.");
        }

        return name;
    }

    private List<byte[]> Hashes(JsonElement caller, string place)
    {
        var hashes = new List<byte[]>();
        string[]? texts = Texts(caller, "token_sha256");
        if (texts is not { Length: > 0 and <= MostTokens })
        {
            _problems.Add($"{place}.token_sha256: it must be a list of 1 to {MostTokens} hashes, one for each of the caller's tokens.");
            return hashes;
        }

        for (int number = 0; number < texts.Length; number++)
        {
            if (texts[number].Length == HashLength && texts[number].All(char.IsAsciiHexDigit))
            {
                hashes.Add(Convert.FromHexString(texts[number]));
            }
            else
            {
                // Not shown: it may be the token itself.
                _problems.Add(
                    $"{place}.token_sha256[{number}]: it must be the token's SHA-256 in {HashLength} hexadecimal digits, as `callers hash` "
                    + "prints it.");
            }
        }

        return hashes;
    }

    private int? Priority(JsonElement caller, string place)
    {
        if (!caller.TryGetProperty("max_priority", out _))
        {
            return null;
        }

        int? priority = Text(caller, "max_priority") switch
        {
            "low" => -1,
            "normal" => 0,
            "high" => 1,
            _ => null,
        };
        if (priority is null)
        {
            _problems.Add($"{place}.max_priority: it must be low, normal or high.");
        }

        return priority;
    }

    private long? Number(JsonElement caller, string place, string key, long most)
    {
        if (!caller.TryGetProperty(key, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 1 && number <= most)
        {
            return number;
        }

        _problems.Add($"{place}.{key}: it must be a whole number from 1 to {most}; omit it for no limit.");
        return null;
    }

    private FrozenSet<string>? Names(JsonElement caller, string place, string key, string[] known)
    {
        if (!caller.TryGetProperty(key, out _))
        {
            return null;
        }

        string[]? names = Texts(caller, key);
        if (names is not { Length: > 0 })
        {
            _problems.Add($"{place}.{key}: it must be a list of names; omit it to allow all.");
            return null;
        }

        foreach (string name in names.Where(name => !known.Contains(name)))
        {
            _problems.Add(
                $"{place}.{key}: there is no '{CallerText.Shown(name)}'; did you mean {NearestName.Of(name, known)}? There are "
                + $"{string.Join(", ", known)}.");
        }

        return names.ToFrozenSet(StringComparer.Ordinal);
    }

    private void CheckKeys(JsonElement at, string place, string[] known)
    {
        foreach (JsonProperty property in at.EnumerateObject().Where(property => !known.Contains(property.Name)))
        {
            string prefix = place.Length == 0 ? string.Empty : $"{place}.";
            _problems.Add(
                $"{prefix}{CallerText.Shown(property.Name)}: there is no such key; did you mean {NearestName.Of(property.Name, known)}?");
        }
    }

    private static string? Text(JsonElement at, string key) =>
        at.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Texts(JsonElement at, string key) =>
        at.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : null;
}
