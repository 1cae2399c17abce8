using System.Text.Json;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// A policy that an engine serves. Every row is a request of its own, and all rows of a batch go out at once. Thread-safe.
/// </summary>
internal sealed class EnginePolicy : IPolicy
{
    /// <summary>How often a row is drawn whose log-probabilities the engine does not tell.</summary>
    private const int MostDraws = 8;

    private readonly PolicyEngineOptions _options;
    private readonly IEngineApi _api;
    private readonly JsonHttp _http;
    private string? _identity;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="options">The engine's settings.</param>
    public EnginePolicy(PolicyEngineOptions options)
    {
        _options = options;
        _api = options.Kind switch
        {
            EngineKind.Sglang => new SglangGenerate(),
            EngineKind.LlamaCpp => new LlamaCppCompletion(),
            _ => new VllmCompletions(),
        };
        _http = new JsonHttp(
            new HttpPeer(options.Endpoint!, options.ApiKey, options.Attempts, options.Timeout)
            {
                Connections = options.Connections,
                SpeaksHttp2 = options.Http2,
            },
            problem => new PolicyFailedException(
                options.Endpoint!, problem.Text, problem.IsMalformed || problem.IsRefusal, problem.Cause)
            {
                IsRefusal = problem.IsRefusal,
            });
        Abilities = new PolicyAbilities(_api.ReadsRows, options.Alternatives);
    }

    public string Address => _http.Address;

    public PolicyAbilities Abilities { get; }

    /// <summary>Number of connections made so far.</summary>
    public int Connects => _http.Connects;

    /// <summary>Number of requests so far that found no engine, or lost it.</summary>
    public int Losses => _http.Losses;

    /// <summary>The model that the engine serves.</summary>
    /// <exception cref="PolicyFailedException">
    /// It does not say, or serves another one than the settings name, or than when it was first asked.
    /// </exception>
    public async Task<EngineModel> ModelAsync(CancellationToken cancellationToken)
    {
        EngineModel model = await _http.WithinTimeoutAsync(
            token => _http.GetAsync(_api.ModelPath, reply => _api.Model(reply, _options.Model), token), cancellationToken)
            .ConfigureAwait(false);
        string first = Interlocked.CompareExchange(ref _identity, model.Identity, null) ?? model.Identity;
        return first == model.Identity
            ? model
            : throw new PolicyFailedException(
                Address,
                $"serves another model than before: {CallerText.Shown(model.Identity)} instead of {CallerText.Shown(first)}. "
                    + "Restart the server to use it.",
                isMalformed: true);
    }

    /// <summary>The ids that the engine makes of a text, without special tokens around it.</summary>
    /// <exception cref="PolicyFailedException">It does not say.</exception>
    public Task<int[]> TokenizeAsync(string text, CancellationToken cancellationToken) => _http.WithinTimeoutAsync(
        token => PostAsync(
            _api.Tokenize(text, _options.Model), reply => EngineReply.Ids(JsonReply.Member(reply, "tokens")), token),
        cancellationToken);

    public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken) =>
        _http.WithinTimeoutAsync(
            async token => Batch(await Task.WhenAll(rows.Select(row => DrawAsync(row, drawing, token))).ConfigureAwait(false)),
            cancellationToken);

    public Task<PolicyAnswer<ReadTokens>> ReadAsync(
        IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken) =>
        _http.WithinTimeoutAsync(
            async token => Batch(
                await Task.WhenAll(rows.Select(row => ReadAsync(row, alternatives, token))).ConfigureAwait(false)),
            cancellationToken);

    public void Dispose() => _http.Dispose();

    private Task<T> PostAsync<T>(EngineRequest request, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        _http.PostAsync(request.Path, request.Body, read, cancellationToken);

    private static PolicyAnswer<T> Batch<T>((T Row, PolicyTokens Usage)[] rows) => new(
        [.. rows.Select(row => row.Row)], rows.Aggregate(default(PolicyTokens), (sum, row) => sum + row.Usage));

    private async Task<(DrawnTokens Row, PolicyTokens Usage)> DrawAsync(
        RowToContinue row, TokenDrawing drawing, CancellationToken cancellationToken)
    {
        PolicyTokens spent = default;
        for (int draw = 0; ; draw++)
        {
            RowToContinue asked = row with { Seed = row.Seed + ((ulong)draw << 32) };
            try
            {
                EngineDraw drawn = await PostAsync(
                    _api.Continue(asked, drawing, _options.Model),
                    reply => Checked(_api.Drawn(reply, drawing), row, drawing),
                    cancellationToken).ConfigureAwait(false);
                spent += drawn.Usage;
                if (_api.TellsDraws)
                {
                    return (new DrawnTokens(drawn.Tokens, drawn.LogProbabilities, drawn.Alternatives, drawn.HasStopped), spent);
                }

                var given = new RowToRead([.. row.Ids, .. drawn.Tokens], row.Ids.Count);
                (ReadTokens read, PolicyTokens usage) =
                    await ReadAsync(given, drawing.Alternatives, cancellationToken).ConfigureAwait(false);
                return (new DrawnTokens(drawn.Tokens, read.LogProbabilities, read.Alternatives, drawn.HasStopped), spent + usage);
            }
            catch (PartOfCharacterException parted)
            {
                if (draw + 1 == MostDraws || drawing.Temperature == 0)
                {
                    throw new PolicyFailedException(Address, $"{parted.Message}.", cause: parted);
                }
            }
        }
    }

    private async Task<(ReadTokens Row, PolicyTokens Usage)> ReadAsync(
        RowToRead row, int alternatives, CancellationToken cancellationToken)
    {
        EngineReading reading = await PostAsync(
            _api.Read(row, alternatives, _options.Model),
            reply => CheckedLength(_api.Read(reply, row, alternatives), row.Ids.Count),
            cancellationToken).ConfigureAwait(false);
        return (reading.Figures, reading.Usage);
    }

    private static EngineReading CheckedLength(EngineReading reading, int given)
    {
        CheckLength(reading.Usage, given);
        return reading;
    }

    private static void CheckLength(PolicyTokens usage, int given)
    {
        if (usage.Read != given)
        {
            throw new FormatException($"read {usage.Read} tokens of a row of {given}: it adds or drops some");
        }
    }

    private static EngineDraw Checked(EngineDraw drawn, RowToContinue row, TokenDrawing drawing)
    {
        CheckLength(drawn.Usage, row.Ids.Count);
        int end = Array.FindIndex(drawn.Tokens, drawing.Ends.Contains);
        if (drawn.Tokens.Length > drawing.MaxTokens)
        {
            throw new FormatException($"drew {drawn.Tokens.Length} tokens instead of at most {drawing.MaxTokens}");
        }

        if (end >= 0 && end < drawn.Tokens.Length - 1)
        {
            throw new FormatException($"went on after the end, token {drawn.Tokens[end]}");
        }

        if (drawn.HasStopped && end < 0 && !drawn.HasMetStop)
        {
            throw new FormatException(
                $"ended a row after token {drawn.Tokens[^1]}, which is no end by the policy's folder: make its generation_config.json "
                    + "agree");
        }

        if (!drawn.HasStopped && end < 0 && drawn.Tokens.Length < drawing.MaxTokens)
        {
            throw new FormatException(
                $"drew {drawn.Tokens.Length} tokens instead of {drawing.MaxTokens}: its context is too short for rows of "
                    + $"{row.Ids.Count + drawing.MaxTokens} tokens");
        }

        int broken = Array.FindIndex(drawn.Tokens, drawing.Forbidden.Contains);
        return broken < 0
            ? drawn with { HasStopped = end >= 0 }
            : throw new FormatException($"drew token {drawn.Tokens[broken]}, which it was asked not to draw");
    }
}
