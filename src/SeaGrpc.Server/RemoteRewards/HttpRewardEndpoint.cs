using System.Net;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>A reward over HTTP.</summary>
internal sealed class HttpRewardEndpoint : IRewardEndpoint
{
    private readonly string _name;
    private readonly RewardOptions _options;
    private readonly int _batch;
    private readonly IHttpRewardApi _api;
    private readonly ConversationText _text;
    private readonly LabelReading? _label;
    private readonly JsonHttp _http;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="api">What the server takes and answers.</param>
    /// <param name="batch">Maximum number of texts in one request.</param>
    /// <exception cref="InvalidDataException">The setting Template names a folder without a template.</exception>
    public HttpRewardEndpoint(string name, RewardOptions options, IHttpRewardApi api, int batch)
    {
        _name = name;
        _options = options;
        _batch = batch;
        _api = api;
        _text = ConversationText.Load(options.Template);
        _label = options.Label is null ? null : LabelReading.Parse(options.Label);
        _http = new JsonHttp(new HttpPeer(options.Endpoint!, options.ApiKey, options.Attempts, options.Timeout), Failed);
    }

    public string Address => _http.Address;

    public async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        string[] texts;
        try
        {
            texts = [.. prompts.SelectMany(prompt => prompt.Responses.Select(response => _text.Of(prompt.Messages, response.Text)))];
        }
        catch (ChatTemplateException rejected)
        {
            throw Failed(new HttpProblem(
                $"cannot be asked, because its chat template rejects the conversation: {rejected.Message}",
                IsMalformed: true,
                Cause: rejected));
        }

        double[][] batches = await _http.WithinTimeoutAsync(
            token => Task.WhenAll(texts.Chunk(_batch).Select(batch => _http.PostAsync(
                _api.Path,
                _api.Request(batch, _options.Model, _text.HasTemplate),
                reply => (double[])[.. _api.Rewards(reply, batch.Length, _label)],
                token))),
            cancellationToken);
        return [.. batches.SelectMany(batch => batch)];
    }

    public void Dispose() => _http.Dispose();

    private RewardFailedException Failed(HttpProblem problem) => new(_name, Address, problem.Text, problem.IsMalformed, problem.Cause)
    {
        IsRefusal =
            problem.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity,
    };
}
