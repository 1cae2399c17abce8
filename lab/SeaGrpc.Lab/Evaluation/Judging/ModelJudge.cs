using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Chat;
using SeaGrpc.Lab.Evaluation.Datasets;

namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>A judge model behind an OpenAI-compatible chat API, asked at temperature 0. Transient failures are retried.</summary>
public sealed class ModelJudge : IAnswerJudge
{
    /// <summary>The client requires a key even if the server does not.</summary>
    private const string NoKey = "none";

    private readonly DatasetSuite _suite;
    private readonly ModelJudgeOptions _options;
    private readonly ChatClient _client;

    /// <summary>Makes the client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The suite is judged by exact answers.</exception>
    public ModelJudge(DatasetSuite suite, ModelJudgeOptions options)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(options);
        if (suite != DatasetSuite.AdvBench && suite != DatasetSuite.TruthfulQa)
        {
            throw new ArgumentException($"Suite {suite.Name} is judged by its exact answers and needs no judge model.", nameof(suite));
        }

        _suite = suite;
        _options = options;
        _client = new ChatClient(options.Model, new ApiKeyCredential(options.ApiKey ?? NoKey), new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            NetworkTimeout = options.Timeout,
            RetryPolicy = new ClientRetryPolicy(options.Retries),
        });
        Settings = new Dictionary<string,
        string>
        { ["judge"] = "model", ["judge model"] = options.Model, ["judge templates"] = JudgeTemplates.Version };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <inheritdoc/>
    public async Task<Verdict> JudgeAsync(DatasetRow row, string answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        string reply = await AskAsync(JudgeTemplates.System(_suite), JudgeTemplates.User(_suite, row, answer), cancellationToken)
            .ConfigureAwait(false);
        return new Verdict(JudgeTemplates.ReadVerdict(_suite, reply), reply.Trim());
    }

    private async Task<string> AskAsync(string system, string user, CancellationToken cancellationToken)
    {
        try
        {
            ClientResult<ChatCompletion> result = await _client.CompleteChatAsync(
                [new SystemChatMessage(system), new UserChatMessage(user)], new ChatCompletionOptions { Temperature = 0 },
                cancellationToken).ConfigureAwait(false);
            return string.Concat(result.Value.Content.Select(part => part.Text));
        }
        catch (ClientResultException error) when (error.Status is 401 or 403)
        {
            throw new JudgeException($"The judge at {_options.Endpoint} refuses the key: set the right one in the environment.", error);
        }
        catch (ClientResultException error)
        {
            throw new JudgeException(
                $"The judge at {_options.Endpoint} answers {error.Status}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is not JudgeException)
        {
            // What the client throws for a dead server, a timeout or a malformed answer is of many types.
            Exception cause = error is AggregateException many ? many.InnerExceptions[^1] : error;
            throw new JudgeException($"The judge at {_options.Endpoint} does not answer: {cause.GetBaseException().Message}", error);
        }
    }
}
