using System.Globalization;
using System.Text.Json;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.V1;
using Duration = Google.Protobuf.WellKnownTypes.Duration;
using ParameterType = SeaGrpc.Alignment.Parameters.ParameterType;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>
/// Reads the object <c>sea</c> of a request: the method, its parameters by their names in the contract, and the fields of a spec that the
/// API has no names for. Names may be written as in protobuf's JSON too: <c>stepSize</c>.
/// </summary>
internal sealed class SeaFields
{
    private const string Place = "sea";
    private const string ReferenceTemperature = "reference_temperature";

    private static readonly string[] Known =
    [
        "method", "draft", "alternatives", "prefix", "time_limit_ms", "queue_timeout_ms", "sufficient_reward", "min_reward_gain",
        "beaten_draft_gain", "reward_model", "reward_shares", "request_id", "progress", "min_interval_ms", "drafts",
    ];

    private readonly Dictionary<string, JsonField> _known = [];
    private readonly List<(string Key, JsonField Field)> _parameters = [];

    /// <summary>Sorts the members. Which parameters exist depends on the method, and is checked later.</summary>
    /// <param name="sea">The object; null if there is none.</param>
    public SeaFields(JsonField? sea)
    {
        foreach ((string name, JsonField field) in sea?.Members() ?? [])
        {
            string key = ContractNames.Snake(name);
            if (!Known.Contains(key))
            {
                _parameters.Add((key, field));
            }
            else if (!field.IsNull && !_known.TryAdd(key, field))
            {
                throw OpenAiException.Value(CallerText.Shown(field.Param), "is given twice, in two spellings; omit one of them.");
            }
        }
    }

    /// <summary>Whether the progress is told.</summary>
    public bool Progress => Find("progress")?.Flag() ?? false;

    /// <summary>Number of drafts from the backend.</summary>
    public int? Drafts => Find("drafts") is { } given ? (int)given.Whole(1, OpenAiLimits.MostPrompts) : null;

    /// <summary>How long the whole request may take.</summary>
    public TimeSpan? TimeLimit => Find("time_limit_ms") is { } given ? Milliseconds(given) : null;

    /// <summary>The idempotency key.</summary>
    public bool HasRequestId => _known.ContainsKey("request_id");

    /// <summary>The method with its parameters; null if the request names neither.</summary>
    /// <param name="named">The method that the model's name carries, or null.</param>
    /// <param name="otherwise">The method whose parameters these are if the request names none.</param>
    /// <param name="temperature">The reference's temperature from elsewhere in the request, or null.</param>
    public MethodText? Method(string? named, string otherwise, double? temperature)
    {
        string? own = Find("method") is { } field ? Spelling.Short(field) : null;
        if (own is not null && named is not null)
        {
            throw OpenAiException.Value($"{Place}.method", $"names a method, and so does model ({named}); omit one of them.");
        }

        string? text = own ?? named;
        MethodText method = Parse(own is null ? "model" : $"{Place}.method", text ?? otherwise);
        var assignments = new List<string>();
        foreach ((string key, JsonField value) in _parameters)
        {
            if (Assignment(method.Method, key, value) is { } assignment)
            {
                Parse(CallerText.Shown(value.Param), $"{method.Method.Name}[{assignment}]");
                assignments.Add(assignment);
            }
        }

        if (temperature is { } given)
        {
            if (method.Values.Keys.Any(one => one.Name == ReferenceTemperature)
                || _parameters.Any(one => one.Key == ReferenceTemperature))
            {
                throw OpenAiException.Value(
                    "temperature", $"is the reference's temperature, and so is {Place}.{ReferenceTemperature}; omit one of them.");
            }

            assignments.Add(FormattableString.Invariant($"{ReferenceTemperature}={given:R}"));
        }

        return text is null && assignments.Count == 0
            ? null
            : Parse($"{Place}.method", MethodBrackets.Join(text ?? otherwise, string.Join(',', assignments)));
    }

    /// <summary>Writes the fields of a spec.</summary>
    public void Write(AlignmentSpec spec)
    {
        if (Find("draft") is { } draft)
        {
            spec.DraftResponse = new ResponseContent { Text = draft.Text() };
        }

        if (Find("alternatives") is { } alternatives)
        {
            spec.AlternativeResponses.AddRange(alternatives.Items().Select(item => new ResponseContent { Text = item.Text() }));
        }

        if (Find("prefix") is { } prefix)
        {
            spec.ResponsePrefix = new ResponsePrefix { Content = new ResponseContent { Text = prefix.Text() } };
        }

        if (TimeLimit is { } limit)
        {
            spec.TimeLimit = Duration.FromTimeSpan(limit);
        }

        if (Find("queue_timeout_ms") is { } wait)
        {
            spec.QueueTimeout = Duration.FromTimeSpan(Milliseconds(wait));
        }

        if (Find("sufficient_reward") is { } sufficient)
        {
            spec.SufficientReward = sufficient.Number(double.MinValue, double.MaxValue);
        }

        if (Find("min_reward_gain") is { } gain)
        {
            spec.MinRewardGain = gain.Number(double.MinValue, double.MaxValue);
        }

        if (Find("beaten_draft_gain") is { } beaten)
        {
            spec.BeatenDraftGain = beaten.Number(double.MinValue, double.MaxValue);
        }

        if (Find("reward_model") is { } reward)
        {
            spec.RewardModel = reward.Text();
        }

        if (Find("reward_shares") is { } shares)
        {
            spec.RewardShares.AddRange(shares.Members().Select(share =>
                new RewardShare { Name = share.Name, Share = share.Field.Number(double.MinValue, double.MaxValue) }));
        }

        if (Find("request_id") is { } id)
        {
            spec.RequestId = id.Text();
        }

        spec.Updates = Progress
            ? new UpdateOptions { IncludeText = true, IncludeProgress = true, Chains = { 0 } }
            : new UpdateOptions { EveryNIterations = int.MaxValue, Chains = { 0 } };
        if (Find("min_interval_ms") is { } interval)
        {
            spec.Updates.MinInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(interval.Number(0, 3_600_000)));
        }
    }

    private JsonField? Find(string key) => _known.TryGetValue(key, out JsonField field) ? field : null;

    private static TimeSpan Milliseconds(JsonField field) => TimeSpan.FromMilliseconds(field.Number(1, 86_400_000));

    private static MethodText Parse(string param, string text)
    {
        try
        {
            return MethodText.Parse(text);
        }
        catch (ArgumentException wrong)
        {
            throw OpenAiException.Value(param, $"cannot be used: {wrong.Message}");
        }
    }

    /// <summary>A parameter as the command line spells it; null if it is not set.</summary>
    private static string? Assignment(MethodSchema method, string key, JsonField field)
    {
        if (method.Find(key) is null && !(method.HasPresets && key == MethodSchema.PresetKey))
        {
            throw new OpenAiException(OpenAiError.Field(
                CallerText.Shown(field.Param),
                $"is not known; did you mean {Place}.{Spelling.Nearest(key, Known.Concat(method.Keys))}? The method is {method.Name}.",
                "unknown_parameter"));
        }

        string? value = field.Value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Number => Number(method.Find(key), field.Value),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.String => field.Text().All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')
                ? field.Text()
                : throw OpenAiException.Value(field.Param, "must be the name of a value: letters, digits and underscores."),
            _ => throw field.Wrong("a number, a text, true or false"),
        };
        return value is null ? null : $"{key}={value}";
    }

    /// <summary>8.0 is a whole number in JSON.</summary>
    private static string Number(Parameter? parameter, JsonElement value) =>
        parameter?.Type == ParameterType.Integer && value.TryGetDouble(out double number) && number == Math.Floor(number)
            && Math.Abs(number) < 1e15
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : value.GetRawText();
}
