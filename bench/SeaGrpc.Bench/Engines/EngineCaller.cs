using System.Diagnostics;
using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.Bench.Engines;

/// <summary>Makes Align calls, each with a prompt of its own, by which the engine's requests are told apart.</summary>
/// <param name="connection">To the sidecar.</param>
/// <param name="method">What runs.</param>
/// <param name="responseTokens">Longest response.</param>
internal sealed class EngineCaller(SidecarConnection connection, MethodParameters method, int responseTokens)
{
    private const int PromptSeed = 11;

    private static readonly string[] Prompts = [.. SupportDesk.HeldOutPrompts(32, PromptSeed).Select(prompt => prompt.Text)];

    /// <summary>The prompt of a call.</summary>
    public static string Prompt(int call) => $"{call}. {Prompts[call % Prompts.Length]}";

    /// <summary>Makes a call.</summary>
    /// <param name="call">Its number.</param>
    /// <returns>How long it took, in seconds, and its answer.</returns>
    /// <exception cref="CliException">The call failed, in plain words.</exception>
    public async Task<(double Seconds, AlignmentFinal Final)> RunAsync(int call)
    {
        var spec = new AlignmentSpec
        {
            Prompt = new Prompt { Chat = new Chat { Messages = { new V1.ChatMessage { Role = Role.User, Content = Prompt(call) } } } },
            Seed = (ulong)call + 1,
            MaxResponseTokens = responseTokens,
        };
        MethodMapper.Write(method, spec);
        long start = Stopwatch.GetTimestamp();
        try
        {
            AlignResponse answer = await connection.Alignment.AlignAsync(new AlignRequest { Spec = spec }, connection.Headers);
            return (Stopwatch.GetElapsedTime(start).TotalSeconds, answer.Final);
        }
        catch (RpcException error)
        {
            throw new CliException(RpcErrors.Describe(error, connection.Address), ExitCodes.Failure, error);
        }
    }
}
