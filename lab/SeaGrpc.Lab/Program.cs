using SeaGrpc.Cli;
using SeaGrpc.Lab.Commands;

return await CommandLine.RunAsync(LabCommand.Create(), args);
