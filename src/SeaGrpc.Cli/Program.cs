using SeaGrpc.Cli;
using SeaGrpc.Cli.Commands;

return await CommandLine.RunAsync(SeaGrpcCommand.Create(), args);
