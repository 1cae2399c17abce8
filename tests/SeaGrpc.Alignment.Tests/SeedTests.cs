using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>A seed's high bits count as its low ones do, in every method and chain.</summary>
public sealed class SeedTests
{
    private const ulong High = 1UL << 32;

    public static TheoryData<MethodParameters> Methods =>
    [
        new BaseParameters(),
        new BestOfNParameters { SampleCount = 3 },
        new ArgsParameters(),
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 4 },
        new EnergySearchParameters { Iterations = 2 },
        SeaParameters.Default with { Chains = 3, Iterations = 2 },
        SeaParameters.Langevin with { Chains = 3, Iterations = 2 },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Seeds_that_differ_in_their_high_bits_alone_draw_other_responses(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load();
        string[] drafts = [.. new[] { 7UL, 7UL + High, 7UL + (2 * High), 7UL + (1UL << 63) }.Select(seed => Draft(models, method, seed))];
        Assert.Equal(drafts.Length, drafts.Distinct().Count());
        Assert.Equal(Draft(models, method, 7UL + High), drafts[1]);
    }

    [Fact]
    public void Every_chain_has_random_numbers_of_its_own()
    {
        using AlignmentModels models = TinyModels.Load();
        var method = SeaParameters.Langevin with { Chains = 8, Iterations = 1 };
        string[] chains =
        [
            .. new[] { 7UL, 8UL, 7UL + High, 8UL + High }.SelectMany(seed =>
                Start(models, method, seed).Chains.Select(chain => string.Join(' ', chain.Response.Tokens))),
        ];
        Assert.Equal(chains.Length, chains.Distinct().Count());
    }

    private static string Draft(AlignmentModels models, MethodParameters method, ulong seed) =>
        string.Join(" | ", Start(models, method, seed).Chains.Select(chain => string.Join(' ', chain.Response.Tokens)));

    private static DraftUpdate Start(AlignmentModels models, MethodParameters method, ulong seed) =>
        Runs.Run(models, Runs.Task(method, seed)).Updates.OfType<DraftUpdate>().Single();
}
