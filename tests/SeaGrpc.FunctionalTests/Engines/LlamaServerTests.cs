using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Options;
using SeaGrpc.Testing;
using SeaGrpc.V1;
using ChatTurn = SeaGrpc.Modeling.Tokenization.ChatMessage;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>
/// llama.cpp's own server with the embedded policy: another implementation of the model, the tokenizer and the dialect than this project's.
/// </summary>
[Trait("tier", "slow")]
public sealed class LlamaServerTests : IDisposable
{
    private const int Slots = 8;
    private const int Context = 256;
    private const float Rounding = 1e-3f;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Path.Combine(Repository.Root, "models", "tiny-policy");

    private readonly TemporaryFolder _folder = new();
    private readonly PolicyModel _model = PolicyModel.Load(Folder, new ModelLoadOptions("cpu", ModelDtype.Float32));
    private readonly LocalPolicy _local;

    public LlamaServerTests()
    {
        _local = new LocalPolicy(_model);
        GgufModel.OfFolder(Folder).Write(_folder.File("policy.gguf"));
    }

    public void Dispose()
    {
        _local.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_passes_the_check_and_tells_the_log_probabilities_of_the_loaded_policy()
    {
        await using LlamaServer server = await StartAsync();
        using var engine = new EnginePolicy(new PolicyEngineOptions
        {
            Endpoint = server.Address,
            Kind = EngineKind.LlamaCpp,
            Alternatives = 8,
        });
        EngineModel served = await new EngineCheck(engine, _model.Tokenizer).RunAsync(default);
        Assert.Equal("policy.gguf", served.Name);
        Assert.InRange(served.MaxPositions ?? 0, Context, 512);

        int[] prompt = [.. new PromptEncoder(_model, []).EncodeChat([new ChatTurn("user", "My parcel has not arrived.")]).Policy];
        var greedy = new TokenDrawing(24, 0, 0, 8, _model.Tokenizer.EosIds, []);
        RowToContinue[] rows = [new(prompt, 1), new(prompt[..^3], 2)];
        PolicyAnswer<DrawnTokens> answer = await engine.ContinueAsync(rows, greedy, default);
        IReadOnlyList<DrawnTokens> expected = (await _local.ContinueAsync(rows, greedy, default)).Rows;
        Assert.Equal(expected.Select(row => row.Tokens), answer.Rows.Select(row => row.Tokens));
        Assert.Equal(expected.Select(row => row.HasEnded), answer.Rows.Select(row => row.HasEnded));

        TokenDrawing drawing = greedy with { Temperature = 1, TopK = 40, Forbidden = [expected[0].Tokens[0]] };
        RowToContinue[] many = [.. Enumerable.Range(1, 2 * Slots).Select(seed => new RowToContinue(prompt, (ulong)seed << 40))];
        IReadOnlyList<DrawnTokens> drawn = (await engine.ContinueAsync(many, drawing, default)).Rows;
        Assert.True(drawn.DistinctBy(row => string.Join(',', row.Tokens)).Count() > 1);
        Assert.Equal(
            drawn.Select(row => row.Tokens), (await engine.ContinueAsync(many, drawing, default)).Rows.Select(row => row.Tokens));
        foreach (DrawnTokens row in drawn.Concat(answer.Rows.Take(1)))
        {
            ReadTokens read =
                (await _local.ReadAsync([new RowToRead([.. prompt, .. row.Tokens], prompt.Length)], 8, default)).Rows[0];
            Assert.All(
                read.LogProbabilities.Zip(row.LogProbabilities), pair => Assert.Equal(pair.First, pair.Second, Rounding));
            Assert.All(read.Alternatives.Zip(row.Alternatives), pair => Assert.All(
                pair.First.Zip(pair.Second), one => Assert.Equal(one.First.LogProbability, one.Second.LogProbability, Rounding)));
        }
    }

    [Fact]
    public async Task Answers_have_the_energies_that_the_loaded_policy_gives_them()
    {
        await using LlamaServer server = await StartAsync();
        string[] models = [$"Models:Policy={Folder}", $"Models:Reward={Path.Combine(Folder, "..", "tiny-reward")}"];
        await using RunningServer elsewhere = await RunningServer.ListenAsync(
            null, null,
            [.. models, $"Models:Engine:Endpoint={server.Address}", "Models:Engine:Kind=LlamaCpp", $"Models:Engine:Connections={Slots}"]);
        await elsewhere.ReadyAsync().WaitAsync(Patience);
        await using RunningServer loaded = await RunningServer.ListenAsync(null, null, models);
        await loaded.ReadyAsync().WaitAsync(Patience);
        foreach (AlignmentSpec spec in new[]
        {
            new AlignmentSpec { EnergySearch = new EnergySearchParameters { Iterations = 3, BudgetTokens = 0 } },
            new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 2 * Slots } },
            new AlignmentSpec { ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 2, ChunkTokens = 4 } },
        })
        {
            spec.Prompt = Specs.Chat((Role.User, "My parcel has not arrived."));
            spec.MaxResponseTokens = 24;
            spec.Seed = 7;
            AlignmentFinal final = (await elsewhere.AlignAsync(spec).WaitAsync(Patience)).Final;
            Assert.True(final.Cost.EngineCachedTokens > 0);
            ScoreResult scored = (await loaded.Alignment.ScoreAsync(new ScoreRequest
            {
                Pairs =
                {
                    new ScorePair
                    {
                        Prompt = spec.Prompt,
                        Response = new ResponseContent { TokenIds = new TokenIds { Ids = { final.Response.TokenIds } } },
                    },
                },
            })).Results[0];
            Assert.Equal(scored.Reward, final.Response.Reward, Rounding);
            if (final.Response.EndsWithEos)
            {
                Assert.Equal(scored.LogProbability, final.Response.LogProbability, 10 * Rounding);
            }
        }
    }

    private Task<LlamaServer> StartAsync() => LlamaServer.StartAsync(_folder.File("policy.gguf"), Slots, Context);
}
