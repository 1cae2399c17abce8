return await SeaGrpc.Server.SeaServer.RunAsync(args);
