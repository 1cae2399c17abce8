using SeaGrpc.Bench;
using SeaGrpc.Cli;

return await CommandLine.RunAsync(BenchCommand.Create(), args);
