using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.WebConsole;
using SeaGrpc.Serving;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Hosting;

/// <summary>Describes what is served, for people.</summary>
internal sealed class ServerDescription(
    ModelHost models, IServer server, IOptions<LimitOptions> limits, IOptions<EngineOptions> engine, IOptions<TransportOptions> transport,
    IOptions<OpenAiOptions> openAi)
{
    private const int ShortHash = 12;

    /// <summary>
    /// Addresses that the server listens on: gRPC first, then HTTP and the OpenAI-compatible API if they are enabled. A port of 0 is
    /// replaced by the actual port.
    /// </summary>
    public IReadOnlyList<string> Addresses =>
        [
            .. server
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.Select(address => address.Replace("http://unix:", "unix:", StringComparison.Ordinal)),
        ];

    /// <summary>What is told when calls are accepted.</summary>
    public ServerStart Start => new(Addresses[0], HttpAddress, OpenAiAddress, models.Served.Policy.Name, Describe());

    /// <summary>Address of HTTP; null if it is not served.</summary>
    private string? HttpAddress => HasHttp ? Addresses[1] : null;

    /// <summary>Address of the OpenAI-compatible API; null if it is not served.</summary>
    public string? OpenAiAddress => openAi.Value.IsServed ? Addresses[HasHttp ? 2 : 1] : null;

    private bool HasHttp => transport.Value.Http != ListenAddress.None;

    /// <summary>Returns models, device, dtype, limits and addresses.</summary>
    public string Describe()
    {
        ServedModels served = models.Served;
        ServerLimits most = InfoMapper.Limits(served, limits.Value, engine.Value, models.MemoryBudgetBytes);
        string console = transport.Value.Console ? $", console on {HttpAddress}{ConsolePages.Path}" : "";
        string http = HttpAddress is { } page ? $"health on {page}/healthz/ready{console}" : "no HTTP";
        string responses = $"response {most.MaxResponseTokens} tokens, {most.MaxChains} chains, {most.MaxIterations} iterations, "
            + $"{most.MaxSamples} samples";
        string share = engine.Value.MemoryBudgetMiB > 0 ? ""
            : models.Pairs.Count == 1 ? $": {MemoryShare.Percent} % of the memory, minus the models"
            : " of each model";
        return $"""
            Ready. gRPC on {Addresses[0]}, {http}{(OpenAiAddress is { } api ? $", OpenAI's API on {api}/v1" : "")}.
              policy  {Describe(served.Policy)}
              {string.Join("\n  ", served.Rewards.Select(reward => $"reward  {Describe(reward)}"))}{Starts(served)}
              device  {Place(served)}{(LibTorch.Folder is { } folder ? $"; libtorch {LibTorch.Version} of {folder}" : "")}{Measured(served)}
              limits  prompt {most.MaxPromptCharacters} characters and {most.MaxPromptTokens} tokens, {responses}
              queue   {most.Concurrency} at once, {most.QueueLength} waiting
              memory  {most.MemoryBudgetBytes >> 20} MiB for running requests{share}{Others()}
            """;
    }

    /// <summary>
    /// Where searches start from beside a sample, and when a caller's draft stays; nothing where there is nothing to say.
    /// </summary>
    private static string Starts(ServedModels served)
    {
        string known = served.KnownResponses.Count == 0 ? ""
            : $"\n  known   {served.KnownResponses.Count} responses that energy_search may start from";
        double[] weights = [.. served.Rewards.Select(reward => reward.MixtureWeight)];
        double gain = served.GainOverDrafts(weights);
        double beaten = served.GainOverBeatenDrafts(weights);
        string less = served.KnownResponses.Count == 0 || beaten >= gain ? ""
            : string.Create(CultureInfo.InvariantCulture, $", or by {beaten:0.###} where a known response beats them");
        return gain == 0 ? known
            : known + string.Create(
                CultureInfo.InvariantCulture, $"\n  drafts  stay unless the answer's reward is higher by {gain:0.###}{less}");
    }

    /// <summary>The further pairs.</summary>
    private string Others() => models.Pairs.Count == 1 ? ""
        : $"\n  models  {string.Join(", ", models.Pairs.Select(pair => $"{pair.Name} ({When(pair)})"))}; "
            + $"{models.WeightBudgetBytes >> 20} MiB for the weights of all";

    private string When(ModelPair pair) => pair == models.Default ? "default" : pair.LoadsAtStart ? "loaded" : "on demand";

    private static string Measured(ServedModels served) => string.Concat(served.Rewards
        .Select(reward => reward.Model.Speeds)
        .Prepend(served.Policy.Speeds)
        .OfType<ProductSpeeds>()
        .Distinct()
        .Select(speeds => $"\n  dtype   {speeds.Summary()}"));

    private static string Place(ServedModels served) => string.Join("; ", served.Rewards
        .Where(reward => reward.Address is null && Place(reward.Model) != Place(served.Policy))
        .Select(reward => $"{reward.Name} on {Place(reward.Model)}")
        .Prepend(Place(served.Policy)));

    private static string Place(ModelDescription model) => $"{model.Device}, {model.Dtype}";

    private static string Describe(ServedReward reward) => Named(reward)
        + (!reward.HasGradient
            ? "; no gradient, so sea needs SEA_PROPOSAL_ORDER_POLICY or SEA_PROPOSAL_ORDER_RANDOM, "
                + "and energy_search cannot use ENERGY_SEARCH_CUT_GRADIENT"
            : reward.EstimatesGradient ? "; another vocabulary, so it reads text, and sea cannot use SEA_SAMPLER_LANGEVIN" : "");

    private static string Named(ServedReward reward) => reward.Address is { } address
        ? string.Create(
            CultureInfo.InvariantCulture, $"{reward.Name}, weight {reward.MixtureWeight}: {reward.Model.Architecture} at {address}")
        : reward.Name == reward.Model.Name
        ? Describe(reward.Model)
        : string.Create(CultureInfo.InvariantCulture, $"{reward.Name}, weight {reward.MixtureWeight}: {Describe(reward.Model)}");

    private static string Describe(ModelDescription model) =>
        $"{model.Name} ({model.Architecture}, {model.ParameterCount / 1e6:0.0} million weights, {model.MaxPositions} positions, "
            + $"{model.Hash[..Math.Min(ShortHash, model.Hash.Length)]})"
        + (model.Sharing is { } sharing ? $"; {sharing.Summary}" : "");
}
