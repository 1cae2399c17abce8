using System.Collections.Concurrent;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Models;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Responses that a server knows for every prompt, and how much higher a reward must be to count.</summary>
public sealed class KnownResponseTests : IDisposable
{
    private static readonly string[] Words = ["I'm sorry, but I", " assist with that", "can't help with "];

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<AlignmentTask> _tasks = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_policy_that_knows_their_words_may_start_from_refusals()
    {
        WriteModels();
        await using RunningServer server = await StartAsync();

        Assert.Contains("known   3 responses that energy_search may start from", server.Description, StringComparison.Ordinal);
        Assert.Contains(
            "drafts  stay unless the answer's reward is higher by 6.9, or by 4.6 where a known response beats them\n", server.Description,
            StringComparison.Ordinal);
        Assert.Equal(KnownResponses.Refusals, await KnownToAsync(server, new EnergySearchParameters()));
        Assert.All(_tasks, task => Assert.Equal(2, task.KnownResponseGain));
        Assert.Empty(await KnownToAsync(server, new EnergySearchParameters { KnownResponses = false }));
        Assert.Empty(await KnownToAsync(
            server, new EnergySearchParameters { Acceptance = EnergySearchAcceptance.Metropolis, Iterations = 3 }));
    }

    [Fact]
    public async Task The_embedded_models_have_none()
    {
        string models = Path.Combine(AppContext.BaseDirectory, "models");
        await using RunningServer server = await RunningServer.StartAsync(
            null, $"Models:Policy={Path.Combine(models, "tiny-policy")}", $"Models:Reward={Path.Combine(models, "tiny-reward")}");
        Assert.Empty(server.Models.Served.KnownResponses);
        Assert.DoesNotContain("drafts ", server.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_may_have_none()
    {
        WriteModels();
        await using RunningServer server = await StartAsync("Models:KnownResponses=none");

        Assert.DoesNotContain("known ", server.Description, StringComparison.Ordinal);
        Assert.Empty(await KnownToAsync(server, new EnergySearchParameters()));
    }

    [Fact]
    public async Task A_policy_that_would_have_to_spell_them_starts_from_none()
    {
        await using RunningServer server = await RunningServer.StartAsync(Remember(_tasks));
        Assert.Empty(await KnownToAsync(server, new EnergySearchParameters()));
    }

    [Fact]
    public async Task A_search_starts_from_a_known_response_only_where_the_reward_prefers_it_to_the_draft()
    {
        WriteModels();
        AlignmentSpec spec = Specs.Sea();
        spec.MaxResponseTokens = 40;
        spec.EnergySearch = new EnergySearchParameters { Iterations = 1, PlateauTolerance = 1000 };
        AlignmentSpec without = spec.Clone();
        without.EnergySearch.KnownResponses = false;
        await using RunningServer choosy = await StartRealAsync("Models:MinRewardGain=1000");
        await using RunningServer easy = await StartRealAsync("Models:MinRewardGain=0");

        AlignmentFinal alone = (await choosy.AlignAsync(without)).Final;
        AlignmentFinal unmoved = (await choosy.AlignAsync(spec)).Final;
        AlignmentFinal moved = (await easy.AlignAsync(spec)).Final;

        Assert.Equal(alone.Response, unmoved.Response);
        Assert.True(unmoved.Cost.RewardTokens > alone.Cost.RewardTokens);
        ScoreResult[] preferred = [.. (await ScoreAsync(easy, spec)).Where(known => known.Reward > moved.Draft.Reward)];
        Assert.NotEmpty(preferred);
        Assert.All(preferred, known => Assert.InRange(moved.Response.Energy, double.MinValue, known.Energy + 1e-3));
    }

    [Theory]
    [InlineData(6.9, 4.6, "")]
    [InlineData(1.725, 1.15, "Models:RewardDeviation=4")]
    [InlineData(3, 3, "Models:MinRewardGain=3")]
    [InlineData(0, 0, "Models:MinRewardGain=0")]
    [InlineData(
        5.175, 3.45, "Models:Rewards:one:Folder={reward}", "Models:Rewards:two:Folder={reward}", "Models:Rewards:one:Share=0.5",
        "Models:Rewards:two:Share=-0.25")]
    [InlineData(0, 0, "Models:Rewards:one:Folder={reward}", "Models:Rewards:two:Folder={policy}", "Models:Rewards:two:Basis={policy}")]
    public async Task A_draft_stays_unless_the_gain_counts_by_the_rewards_own_scale(double gain, double beaten, params string[] settings)
    {
        WriteModels();
        await using RunningServer server = await StartAsync([.. settings.Where(setting => setting.Length > 0)]);
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response("Fine.");

        AlignmentSpec effective = (await server.AlignAsync(spec)).Started.EffectiveSpec;
        Assert.Equal(gain, effective.MinRewardGain, 1e-9);
        Assert.Equal(beaten, effective.BeatenDraftGain, 1e-9);
        spec.MinRewardGain = 7;
        effective = (await server.AlignAsync(spec)).Started.EffectiveSpec;
        Assert.Equal((7, 7), (effective.MinRewardGain, effective.BeatenDraftGain));
        spec.BeatenDraftGain = 1;
        effective = (await server.AlignAsync(spec)).Started.EffectiveSpec;
        Assert.Equal((7, 1), (effective.MinRewardGain, effective.BeatenDraftGain));
    }

    [Fact]
    public async Task A_reward_says_in_its_config_what_counts()
    {
        WriteModels();
        string config = Path.Combine(_folder.File("reward"), "config.json");
        File.WriteAllText(
            config,
            File.ReadAllText(config).Replace("\"model_type\"", "\"min_reward_gain\": 0.25,\n  \"model_type\"", StringComparison.Ordinal));
        await using RunningServer server = await StartAsync();
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response("Fine.");
        Assert.Equal(KnownResponses.Refusals.Count, server.Models.Served.KnownResponses.Count);

        Assert.Equal(0.25, (await server.AlignAsync(spec)).Started.EffectiveSpec.MinRewardGain);
    }

    private static Func<AlignmentTask, IAlignmentRun?> Remember(ConcurrentQueue<AlignmentTask> tasks) => task =>
    {
        tasks.Enqueue(task);
        return null;
    };

    private Task<RunningServer> StartAsync(params string[] settings) => RunningServer.StartAsync(Remember(_tasks), Named(settings));

    private Task<RunningServer> StartRealAsync(params string[] settings) => RunningServer.StartAsync(null, Named(settings));

    private string[] Named(string[] settings) =>
    [
        $"Models:Policy={_folder.File("policy")}", $"Models:Reward={_folder.File("reward")}",
        .. settings.Select(setting => setting
            .Replace("{policy}", _folder.File("policy"), StringComparison.Ordinal)
            .Replace("{reward}", _folder.File("reward"), StringComparison.Ordinal)),
    ];

    private async Task<string[]> KnownToAsync(RunningServer server, EnergySearchParameters parameters)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.MaxResponseTokens = 40;
        spec.EnergySearch = parameters;
        parameters.Iterations = 1;
        await server.AlignAsync(spec);
        return [.. _tasks.Last().KnownResponses.Select(ids => server.Models.Served.Tokenizer.Decode(ids))];
    }

    private static async Task<ScoreResult[]> ScoreAsync(RunningServer server, AlignmentSpec spec)
    {
        var request = new ScoreRequest();
        request.Pairs.AddRange(KnownResponses.Refusals.Select(text => new ScorePair
        {
            Prompt = spec.Prompt,
            Response = Specs.Response(text),
        }));
        return [.. (await server.Alignment.ScoreAsync(request)).Results];
    }

    /// <summary>Models with tokens for the words of refusals.</summary>
    private void WriteModels()
    {
        var shape = new TinyShape(AddedTokens: Words.Length);
        TinyCheckpoint.WritePolicy(_folder.File("policy"), seed: 3, shape);
        TinyCheckpoint.WriteReward(_folder.File("reward"), seed: 4, shape);
        foreach (string folder in new[] { "policy", "reward" })
        {
            string file = Path.Combine(_folder.File(folder), "tokenizer.json");
            string text = File.ReadAllText(file);
            foreach ((int index, string word) in Words.Index())
            {
                text = text.Replace($"{{word-{TinyCheckpoint.VocabularySize + index}}}", word, StringComparison.Ordinal);
            }

            File.WriteAllText(file, text);
        }
    }
}
