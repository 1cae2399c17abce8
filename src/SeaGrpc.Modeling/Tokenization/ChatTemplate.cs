using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization.Jinja;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's chat template. Thread-safe.</summary>
/// <remarks>
/// Chat templates are written in Jinja. This is an interpreter for the part of Jinja that they use. A template can access only its
/// variables, which are those of transformers (messages, add_generation_prompt, tools and documents, which are none, and the special
/// tokens). Its steps, depth and output are limited.
/// </remarks>
public sealed class ChatTemplate
{
    private static readonly string[] FileNames =
    [
        "chat_template.jinja",
        Path.Combine("chat_templates", "default.jinja"),
        Path.Combine("additional_chat_templates", "default.jinja"),
    ];

    /// <summary>Maximum file size in bytes. A template may have 1 Mi characters.</summary>
    private const int LongestFile = 4 << 20;

    private readonly string _source;
    private readonly IReadOnlyList<JinjaStatement> _template;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly TimeProvider _clock;

    private ChatTemplate(string source, IReadOnlyDictionary<string, string> tokens, TimeProvider clock)
    {
        _source = source;
        _template = JinjaParser.Parse(source);
        _tokens = tokens;
        _clock = clock;
    }

    /// <summary>Parses a template's text.</summary>
    /// <param name="source">The template.</param>
    /// <param name="bosToken">Value of <c>bos_token</c>.</param>
    /// <param name="eosToken">Value of <c>eos_token</c>.</param>
    /// <param name="clock">Clock for <c>strftime_now</c>; null for the system clock.</param>
    /// <exception cref="ChatTemplateException">The template is invalid or uses something that is not supported.</exception>
    public static ChatTemplate Parse(string source, string bosToken = "", string eosToken = "", TimeProvider? clock = null) =>
        new(source, new Dictionary<string, string> { ["bos_token"] = bosToken, ["eos_token"] = eosToken }, clock ?? TimeProvider.System);

    /// <summary>
    /// Reads chat_template.jinja, or default.jinja in a folder of templates, or the key chat_template in tokenizer_config.json.
    /// </summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="clock">Clock for <c>strftime_now</c>; null for the system clock.</param>
    /// <returns>The template, or null if the folder has none.</returns>
    /// <exception cref="CheckpointException">
    /// A file is damaged, or the template is invalid or uses something that is not supported.
    /// </exception>
    public static ChatTemplate? Load(string folder, TimeProvider? clock = null)
    {
        var configPath = Path.Combine(folder, SequenceTokens.ConfigName);
        using var config = CheckpointJson.ParseIfPresent(configPath);
        var path = Array.Find(FileNames, name => File.Exists(Path.Combine(folder, name))) is { } file
            ? Path.Combine(folder, file)
            : configPath;
        var source = path != configPath ? ReadFile(path) : config is null ? null : FindTemplate(path, config.RootElement);
        if (source is null)
        {
            return null;
        }

        // bos_token and eos_token are empty if they are not set. Other tokens are then undefined, as in transformers.
        var tokens = new Dictionary<string, string> { ["bos_token"] = "", ["eos_token"] = "" };
        foreach (var (role, text) in SpecialTokenFiles.Read(folder).Roles)
        {
            tokens[role] = text;
        }

        try
        {
            return new ChatTemplate(source, tokens, clock ?? TimeProvider.System);
        }
        catch (ChatTemplateException e)
        {
            throw new CheckpointException(path, e.Message, e);
        }
    }

    /// <summary>Whether the template's text contains a token, or the name of a role with this token.</summary>
    internal bool Names(string token) =>
        _source.Contains(token, StringComparison.Ordinal)
        || _tokens.Any(role => role.Value == token && _source.Contains(role.Key, StringComparison.Ordinal));

    /// <summary>Renders a conversation, with special tokens as text (including BOS if the template writes it).</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to end with the start of the assistant's turn.</param>
    /// <exception cref="ChatTemplateException">The template rejects the conversation or fails.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = messages
                .Select(message => (object?)new JinjaMap { ["role"] = message.Role, ["content"] = message.Content })
                .ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        };
        foreach (var (role, text) in _tokens)
        {
            variables[role] = text;
        }

        return JinjaInterpreter.Render(_template, variables, _clock);
    }

    private static string ReadFile(string path)
    {
        var bytes = CheckpointFile.Read(path, LongestFile);
        if (bytes.Length == 0)
        {
            throw new CheckpointException(
                path, "the chat template is empty, or is a pipe or a device; remove it, or put the template there.");
        }

        return new StreamReader(new MemoryStream(bytes)).ReadToEnd();
    }

    // In a list of named templates, the one called default is used.
    private static string? FindTemplate(string path, JsonElement config)
    {
        if (!config.TryGetProperty("chat_template", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
            {
                if (TokenizerJson.TryGet(item, "name", out var name) && TokenElement.Text(name) == "default"
                    && TokenizerJson.TryGet(item, "template", out var template) && TokenElement.Text(template) is { } text)
                {
                    return text;
                }
            }

            throw new CheckpointException(path, "chat_template is a list without one whose name is 'default'; add it.");
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new CheckpointException(path, $"chat_template is a JSON {value.ValueKind}; it must be text or a list of named texts.");
    }
}
