using Microsoft.Extensions.Options;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.OpenAi.Calls;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.OpenAi.Replies;
using SeaGrpc.Server.OpenAi.Requests;
using SeaGrpc.Server.OpenAi.Upstream;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi;

/// <summary>
/// Answers <c>/v1/models</c>: every pair, also those that are not loaded, and each that has been loaded with every method that its rewards
/// allow.
/// </summary>
internal sealed class ModelHandler(
    LocalCalls calls, UpstreamClient upstream, IOptions<OpenAiOptions> options, TimeProvider time, ILogger<ModelHandler> logger)
{
    private const string Owner = "seagrpc";
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Lists the models.</summary>
    public Task ListAsync(HttpContext context) => HandleAsync(context, async info =>
    {
        var entries = new List<ModelEntry>();
        if (options.Value.Upstream is { } settings)
        {
            IReadOnlyList<string> names = settings.Model is { } only ? [only] : await UpstreamAsync(context.RequestAborted);
            entries.AddRange(names.Select(name => Entry(name, "upstream")));
        }

        foreach (PairInfo pair in info.Pairs)
        {
            entries.Add(Entry(pair.Name, Owner));
            entries.AddRange(MethodsOf(pair).Select(method => Entry($"{pair.Name}:{method}", Owner)));
        }

        await JsonReply.SendAsync(context, new ModelList("list", entries), ReplyJson.Types.ModelList);
    });

    /// <summary>Describes one model, by any name that a request may have.</summary>
    public Task FindAsync(HttpContext context, string id) => HandleAsync(context, async info =>
    {
        string[] pairs = [.. info.Pairs.Select(pair => pair.Name)];
        UpstreamOptions? settings = options.Value.Upstream;
        ModelName name = ModelName.Of(id, pairs, settings is not null, settings?.Model);
        bool exists = (name.Model is { } own && pairs.Contains(own))
            || (name.IsUpstream && (name.Model == settings?.Model
                || (await UpstreamAsync(context.RequestAborted)).Contains(name.Model, StringComparer.Ordinal)));
        if (!exists)
        {
            throw new OpenAiException(new OpenAiError(
                StatusCodes.Status404NotFound,
                $"model: there is no model \"{CallerText.Shown(id)}\"; /v1/models lists those that are served.",
                OpenAiError.InvalidRequest, "model", "model_not_found"));
        }

        await JsonReply.SendAsync(context, Entry(id, name.IsUpstream ? "upstream" : Owner), ReplyJson.Types.ModelEntry);
    });

    private async Task HandleAsync(HttpContext context, Func<GetServerInfoResponse, Task> answer)
    {
        try
        {
            var call = new HttpCallContext(context, CallNames.GetServerInfo, DateTime.MaxValue, context.RequestAborted);
            await answer(await calls.GetServerInfoAsync(call));
        }
        catch (Exception failure)
        {
            OpenAiError error = ErrorReply.Of(failure, ParamNames.None.Of, context, logger);
            if (!context.RequestAborted.IsCancellationRequested)
            {
                await ErrorReply.SendAsync(context, error);
            }
        }
    }

    /// <summary>The backend's models; none if it does not answer, since the policy's are there all the same.</summary>
    private async Task<IReadOnlyList<string>> UpstreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await upstream.ModelsAsync(cancellationToken);
        }
        catch (UpstreamException)
        {
            return [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private ModelEntry Entry(string id, string owner) => new(id, "model", _created, owner);

    /// <summary>Methods and presets that every reward of the default mixture allows: sea, sea_paper and so on.</summary>
    private static IEnumerable<string> MethodsOf(PairInfo pair)
    {
        ModelInfo[] rewards = [.. pair.Models.Where(model => model.Role == ModelRole.Reward && model.RewardShare != 0)];
        return pair.Models.Count == 0 ? [] : MethodSchema.All
            .SelectMany(method => method.Presets.Select((preset, index) => index == 0 ? method.Name : $"{method.Name}_{preset.Name}"))
            .Where(name => rewards.All(reward => reward.Methods.Contains(name)));
    }
}
