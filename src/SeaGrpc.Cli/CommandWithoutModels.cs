using System.CommandLine;

namespace SeaGrpc.Cli;

/// <summary>A command that computes nothing, so that it also runs in a build without libtorch.</summary>
internal sealed class CommandWithoutModels(string name, string description) : Command(name, description);
