using System.Text.Json;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>
/// Reads requests of <c>/v1/chat/completions</c> and <c>/v1/completions</c>. What would change the answer and cannot be done here is
/// refused; what cannot change it is ignored; docs/openai.md lists both.
/// </summary>
/// <param name="pairs">The names of the pairs that are served, the default one first.</param>
/// <param name="options">The API's settings.</param>
internal sealed class CompletionReader(IReadOnlyList<string> pairs, OpenAiOptions options)
{
    /// <summary>Nobody who samples asks for more.</summary>
    private const double MostTemperature = 2;

    /// <summary>Temperature 0 asks for the likeliest tokens; below this, energies would lose their digits.</summary>
    private const double LeastTemperature = 0.01;

    private const int MostStops = 4;
    private const int MostTopLogprobs = 20;
    private const int MostLegacyLogprobs = 5;

    /// <summary>Fields that are read.</summary>
    private static readonly string[] Read =
    [
        "model", "n", "seed", "stop", "max_tokens", "max_completion_tokens", "temperature", "logprobs", "top_logprobs", "stream",
        "stream_options", "sea",
    ];

    /// <summary>Fields that say nothing about the answer.</summary>
    private static readonly string[] Ignored =
    [
        "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prediction",
        "parallel_tool_calls",
    ];

    /// <summary>Fields that change how tokens are drawn, and the value of each that changes nothing.</summary>
    private static readonly Dictionary<string, double> Sampling = new()
    {
        ["top_p"] = 1,
        ["presence_penalty"] = 0,
        ["frequency_penalty"] = 0,
        ["repetition_penalty"] = 1,
        ["min_p"] = 0,
        ["best_of"] = 1,
    };

    /// <summary>Fields that may be empty.</summary>
    private static readonly string[] Absent =
    [
        "tools", "functions", "function_call", "audio", "web_search_options", "logit_bias", "suffix", "reasoning_effort", "verbosity",
    ];

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="isChat">Whether it is a conversation.</param>
    /// <exception cref="OpenAiException">It is not valid.</exception>
    public CompletionRequest ReadRequest(JsonElement body, bool isChat)
    {
        var root = new JsonField(body, string.Empty);
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new OpenAiException(new OpenAiError(
                StatusCodes.Status400BadRequest, "The request's body must be a JSON object.", OpenAiError.InvalidRequest));
        }

        var fields = root.Members().Where(member => !member.Field.IsNull).ToDictionary(member => member.Name, member => member.Field);
        ModelName model = ModelName.Of(
            fields.TryGetValue("model", out JsonField name) ? Spelling.Short(name) : null, pairs, options.Upstream is not null,
            options.Upstream?.Model);
        JsonField? sea = fields.TryGetValue("sea", out JsonField own) ? own : null;
        var knobs = new SeaFields(sea);
        var spec = new AlignmentSpec();
        knobs.Write(spec);
        bool asksUpstream = model.IsUpstream && spec.DraftResponse is null;
        Refuse(fields, isChat, asksUpstream);
        spec.StopStrings.AddRange(Stops(fields));
        double? temperature = Temperature(fields);
        MethodText? method = knobs.Method(
            model.Method, asksUpstream ? options.Upstream!.Method : MethodSchema.Default.Name, asksUpstream ? null : temperature);
        method ??= asksUpstream ? MethodText.Parse(options.Upstream!.Method) : null;
        if (asksUpstream && method!.Method.Record == typeof(SeaGrpc.Alignment.BaseParameters))
        {
            throw OpenAiException.Value("sea.method", "cannot be base, which takes no drafts; use best_of_n or another method.");
        }

        if (method is not null)
        {
            MethodMapper.Write(method, spec);
        }

        if (model is { IsUpstream: false, Model: { } asked })
        {
            spec.Model = asked; // One that is not served is refused like that of any other call.
        }

        string maxTokens = fields.ContainsKey("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        if (fields.TryGetValue(maxTokens, out JsonField most))
        {
            spec.MaxResponseTokens = (int)most.Whole(1, int.MaxValue);
        }

        IReadOnlyList<Prompt> prompts = isChat ? [Conversation.Read(fields)] : TextPrompts.Read(fields);
        int choices = fields.TryGetValue("n", out JsonField n) ? (int)n.Whole(1, options.MaxChoices) : 1;
        if (prompts.Count * choices > options.MaxChoices)
        {
            throw OpenAiException.Value("n", $"times the number of prompts may be at most {options.MaxChoices}.");
        }

        if (knobs.HasRequestId && prompts.Count * choices > 1)
        {
            throw OpenAiException.Value("sea.request_id", "names one answer, but n or prompt asks for several; omit it.");
        }

        bool isStreamed = fields.TryGetValue("stream", out JsonField stream) && stream.Flag();
        return new CompletionRequest
        {
            Body = body,
            IsChat = isChat,
            Model = model,
            Prompts = prompts,
            Spec = spec,
            AsksUpstream = asksUpstream,
            HasSeed = fields.ContainsKey("seed"),
            Picks = asksUpstream && method!.Method.Record == typeof(SeaGrpc.Alignment.BestOfN.BestOfNParameters),
            Choices = choices,
            Seed = Seed(fields, knobs),
            IsStreamed = isStreamed,
            TellsUsage = TellsUsage(fields, isStreamed),
            TopLogprobs = isChat ? ChatLogprobs(fields) : Logprobs(fields),
            TellsProgress = isStreamed && knobs.Progress,
            TimeLimit = knobs.TimeLimit,
            Drafts = knobs.Drafts,
            Names = new ParamNames(isChat ? "messages" : "prompt", maxTokens, temperature is not null && !asksUpstream),
        };
    }

    /// <summary>Refuses what cannot be done here. Backends may be able to: what only concerns drafts is theirs.</summary>
    private static void Refuse(Dictionary<string, JsonField> fields, bool isChat, bool asksUpstream)
    {
        string[] own = isChat ? [.. Read, "messages"] : [.. Read, "prompt", "echo"];
        foreach ((string name, JsonField field) in fields)
        {
            if (own.Contains(name) || Ignored.Contains(name))
            {
                continue;
            }

            switch (name)
            {
                case "tools" or "functions" or "audio" or "web_search_options" or "function_call" when !IsEmpty(field):
                    throw OpenAiException.Unsupported(name, "is not supported: answers are texts; omit it.");
                case "tool_choice" when field.Value.ValueKind != JsonValueKind.String || field.Text() is not ("none" or "auto"):
                    throw OpenAiException.Unsupported(name, "is not supported: there are no tools; omit it.");
                case "modalities" when field.Items().Any(item => item.Text() != "text"):
                    throw OpenAiException.Unsupported(name, "must be [\"text\"]: answers are texts.");
                case "response_format" when !asksUpstream && field.Member("type")?.Text() != "text":
                    throw OpenAiException.Unsupported(
                        name, "is not supported: an alignment changes tokens without regard to a format; omit it, or ask for text.");
                case var _ when Sampling.TryGetValue(name, out double neutral):
                    if (!asksUpstream && field.Number(double.MinValue, double.MaxValue) != neutral)
                    {
                        throw OpenAiException.Unsupported(name, FormattableString.Invariant(
                            $"is not supported: methods read the whole distribution; omit it, or set it to {neutral}.{More(name)}"));
                    }

                    break;
                case "top_k" when !asksUpstream && field.Whole(-1, int.MaxValue) > 0:
                    throw OpenAiException.Unsupported(name, "is not supported here; methods have a top_k of their own: sea.top_k.");
                case "suffix" or "logit_bias" or "reasoning_effort" or "verbosity" when !asksUpstream && !IsEmpty(field):
                    throw OpenAiException.Unsupported(name, "is not supported; omit it.");
                case "tool_choice" or "modalities" or "response_format" or "top_k":
                case var _ when Absent.Contains(name) || asksUpstream:
                    break;
                default:
                    throw OpenAiException.Unknown(name, Spelling.Nearest(name, own.Concat(Ignored).Concat(Sampling.Keys)));
            }
        }

        if (fields.TryGetValue("echo", out JsonField echo) && !isChat && echo.Flag())
        {
            throw OpenAiException.Unsupported("echo", "is not supported: the reply has the answer alone; omit it.");
        }
    }

    private static string More(string name) => name == "best_of" ? " The method best_of_n picks by reward: model NAME:best-of-8." : "";

    private static bool IsEmpty(JsonField field) => field.Value.ValueKind switch
    {
        JsonValueKind.Array => field.Value.GetArrayLength() == 0,
        JsonValueKind.Object => !field.Value.EnumerateObject().Any(),
        JsonValueKind.String => field.Text() is "" or "none",
        _ => false,
    };

    private static double? Temperature(Dictionary<string, JsonField> fields) =>
        fields.TryGetValue("temperature", out JsonField field)
            ? Math.Max(LeastTemperature, field.Number(0, MostTemperature))
            : null;

    /// <summary>Seeds that the server would draw have 64 bits, more than JavaScript's numbers hold.</summary>
    private static ulong? Seed(Dictionary<string, JsonField> fields, SeaFields knobs) =>
        fields.TryGetValue("seed", out JsonField field) ? unchecked((ulong)field.Whole(long.MinValue, long.MaxValue))
        : knobs.HasRequestId ? null
        : (ulong)Random.Shared.NextInt64(1L << 48);

    private static bool TellsUsage(Dictionary<string, JsonField> fields, bool isStreamed)
    {
        if (!fields.TryGetValue("stream_options", out JsonField field))
        {
            return false;
        }

        if (!isStreamed)
        {
            throw OpenAiException.Value("stream_options", "is for streamed replies; omit it, or set stream to true.");
        }

        return field.Member("include_usage")?.Flag() ?? false;
    }

    private static string[] Stops(Dictionary<string, JsonField> fields)
    {
        if (!fields.TryGetValue("stop", out JsonField field))
        {
            return [];
        }

        if (field.Value.ValueKind == JsonValueKind.String)
        {
            return field.Text().Length > 0 ? [field.Text()] : throw OpenAiException.Value("stop", "must not be empty.");
        }

        if (field.Value.ValueKind != JsonValueKind.Array)
        {
            throw field.Wrong("a text or a list of texts");
        }

        string[] stops = [.. field.Items().Take(MostStops + 1).Select(item => item.Text())];
        return stops.Length > MostStops ? throw OpenAiException.Value("stop", $"may have at most {MostStops} texts.")
            : stops.Contains(string.Empty) ? throw OpenAiException.Value("stop", "must have no empty text.")
            : stops;
    }

    private static int? ChatLogprobs(Dictionary<string, JsonField> fields)
    {
        bool told = fields.TryGetValue("logprobs", out JsonField field) && field.Flag();
        int? top = fields.TryGetValue("top_logprobs", out JsonField most) ? (int)most.Whole(0, MostTopLogprobs) : null;
        return top > 0 && !told ? throw OpenAiException.Value("top_logprobs", "needs logprobs to be true.") : told ? top ?? 0 : null;
    }

    private static int? Logprobs(Dictionary<string, JsonField> fields) =>
        fields.TryGetValue("logprobs", out JsonField field) ? (int)field.Whole(0, MostLegacyLogprobs) : null;
}
