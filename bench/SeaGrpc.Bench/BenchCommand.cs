using System.CommandLine;
using SeaGrpc.Bench.Engines;
using SeaGrpc.Bench.Growth;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Bench.Loading;
using SeaGrpc.Bench.Prefixes;
using SeaGrpc.Bench.Scores;
using SeaGrpc.Bench.Serving;
using SeaGrpc.Bench.Shared;

namespace SeaGrpc.Bench;

/// <summary>The whole command line of the benchmarks.</summary>
internal static class BenchCommand
{
    /// <summary>The root, with every command.</summary>
    public static RootCommand Create() => new("Measures on this machine.")
    {
        LoadCommand.Create(), IterationCommand.Create(), CaseCommand.Create(), PeakCommand.Create(), ServeCommand.Create(),
        GrowthCommand.Create(), PrefixesCommand.Create(), ScoresCommand.Create(), SharedCommand.Create(), SharedCaseCommand.Create(),
        EngineCommand.Create(), ProductsCommand.Create(),
    };
}
