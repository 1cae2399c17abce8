using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>A method in the form that requests have, and the settings that its results depend on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Template">The spec without prompt and seed.</param>
/// <param name="IsPlainText">Whether prompts are sent as text.</param>
/// <param name="Settings">The settings.</param>
internal sealed record DatasetMethod(string Name, AlignmentSpec Template, bool IsPlainText, RunSettings Settings)
{
    // Parameters that came after results were first kept, with the value that has what those results were made with: they still count.
    private static readonly Dictionary<string, string> Since = new()
    {
        ["proposalOrder"] = "SEA_PROPOSAL_ORDER_ALTERNATE",
        ["minEndProbability"] = "0",
        ["maxFluencyLoss"] = "100",
        ["restarts"] = "0",
        ["knownResponses"] = "False",
    };

    /// <summary>The method of a name.</summary>
    /// <param name="name">As the catalogue knows it.</param>
    /// <param name="arguments">What else was asked for.</param>
    /// <param name="common">The settings that all methods share.</param>
    /// <exception cref="CliException">There is no such method.</exception>
    public static DatasetMethod Of(string name, DatasetArguments arguments, IReadOnlyDictionary<string, string> common)
    {
        var spec = new AlignmentSpec();
        try
        {
            MethodParameters parsed = MethodCatalog.Parse(name);
            if (arguments.HasExactReward && parsed.NeedsRewardGradient)
            {
                throw new ArgumentException(
                    $"{name} needs the reward's gradient, and exact answers have none: use energy-search with another cut than gradient, "
                    + "sea[proposal_order=policy], best-of-N, cbs, args or base.");
            }

            MethodMapper.Write(parsed, spec);
        }
        catch (ArgumentException error)
        {
            throw new CliException(error.Message, ExitCodes.Usage, error);
        }

        using JsonDocument json = JsonDocument.Parse(JsonFormatter.Default.Format(spec));
        JsonProperty method = json.RootElement.EnumerateObject().Single();
        var parameters = method.Value.EnumerateObject()
            .Where(field => Since.GetValueOrDefault(field.Name) != field.Value.ToString())
            .ToDictionary(field => field.Name, field => field.Value.ToString());
        parameters["method"] = method.Name;
        if (arguments.MaxTokens is { } tokens)
        {
            spec.MaxResponseTokens = tokens;
        }

        var plain = new DatasetMethod(name, spec, arguments.IsPlainText, new RunSettings(name, common, parameters));
        return arguments.Alternatives.Count > 0 && spec.MethodCase == AlignmentSpec.MethodOneofCase.EnergySearch
            ? plain.WithAlternatives(arguments.Alternatives)
            : plain;
    }

    /// <summary>The name of a method whose requests bring responses that the caller knows.</summary>
    public static string WithAlternatives(string name) => $"{name} with known answers";

    /// <summary>Drafts or prefixes of its requests; null for none.</summary>
    public GivenResponses? Given { get; init; }

    /// <summary>
    /// The same method with a draft, or a beginning, for every row. Energy search then leaves the floor under the fluency of answers from a
    /// draft to the server, as callers do.
    /// </summary>
    /// <param name="name">Its name with them.</param>
    /// <param name="given">Drafts or prefixes of its requests.</param>
    public DatasetMethod With(string name, GivenResponses given)
    {
        AlignmentSpec spec = Template.Clone();
        if (given.AreDrafts)
        {
            spec.EnergySearch?.ClearMaxFluencyLoss();
        }

        return this with
        {
            Name = name,
            Template = spec,
            Given = given,
            Settings = new RunSettings(name, Settings.Common, WithTexts(given)),
        };
    }

    /// <summary>
    /// The same method with responses that the caller knows. Energy search starts from the best of them; for other methods, the first is
    /// the draft.
    /// </summary>
    /// <param name="alternatives">The responses; at least one.</param>
    public DatasetMethod WithAlternatives(IReadOnlyList<string> alternatives)
    {
        AlignmentSpec spec = Template.Clone();
        if (spec.MethodCase == AlignmentSpec.MethodOneofCase.EnergySearch)
        {
            spec.AlternativeResponses.AddRange(alternatives.Select(text => new ResponseContent { Text = text }));
        }
        else
        {
            spec.DraftResponse = new ResponseContent { Text = alternatives[0] };
        }

        string name = WithAlternatives(Name);
        var parameters = new Dictionary<string, string>(Settings.Parameters) { ["alternatives"] = string.Join('\n', alternatives) };
        return this with { Name = name, Template = spec, Settings = new RunSettings(name, Settings.Common, parameters) };
    }

    /// <summary>The request for one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="prompt">What the model is asked for it.</param>
    /// <param name="seed">The row's seed.</param>
    public AlignmentSpec Spec(DatasetRow row, string prompt, ulong seed)
    {
        AlignmentSpec spec = Template.Clone();
        spec.Seed = seed;
        spec.Prompt = IsPlainText
            ? new Prompt { Text = prompt }
            : new Prompt { Chat = new Chat { Messages = { new ChatMessage { Role = Role.User, Content = prompt } } } };
        Given?.Write(row, spec);
        return spec;
    }

    private Dictionary<string, string> WithTexts(GivenResponses given)
    {
        var parameters = new Dictionary<string, string>(Settings.Parameters) { [given.AreDrafts ? "drafts" : "beginnings"] = given.Hash };
        if (given.AreDrafts && Template.EnergySearch is not null)
        {
            parameters["maxFluencyLoss"] = "the server's for drafts";
        }

        if (given.SufficientReward is { } sufficient)
        {
            parameters["sufficientReward"] = sufficient.ToString(CultureInfo.InvariantCulture);
        }

        if (given.MinRewardGain is { } gain)
        {
            parameters["minRewardGain"] = gain.ToString(CultureInfo.InvariantCulture);
        }
        else if (given.AreDrafts)
        {
            parameters["minRewardGain"] = string.Create(
                CultureInfo.InvariantCulture,
                $"the server's: {RewardGains.OfPreferences.OverDraft}, or {RewardGains.OfPreferences.OverBeatenDraft} over a beaten draft");
        }

        return parameters;
    }
}
