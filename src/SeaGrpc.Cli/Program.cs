return await SeaGrpc.Cli.Commands.SeaGrpcCommand.RunAsync(args);
