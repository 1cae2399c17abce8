using System.Diagnostics;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests;

/// <summary>The Python example that serves a rule as a reward.</summary>
public sealed class PythonRewardTests
{
    [Fact]
    public async Task A_Python_function_is_a_reward()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["clients/python/examples/rule_reward.py", "127.0.0.1:0"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            Environment = { ["PYTHONPATH"] = "clients/python/src" },
        };
        using Process reward = Process.Start(start)!;
        try
        {
            string address = (await reward.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)))!;
            await using Sidecar server = await Sidecar.StartAsync(new Dictionary<string, string?>
            {
                ["SeaGrpc:Models:Threads"] = "1",
                ["SeaGrpc:Models:Rewards:rule:Endpoint"] = address,
            });
            using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Address);
            AlignmentFinal final = (await new AlignmentService.AlignmentServiceClient(channel).AlignAsync(new AlignRequest
            {
                Spec = new AlignmentSpec
                {
                    Prompt = new Prompt
                    {
                        Chat = new Chat
                        {
                            Messages = { new ChatMessage { Role = Role.User, Content = "My kettle is leaking, what can you do?" } },
                        },
                    },
                    BestOfN = new BestOfNParameters { SampleCount = 16 },
                    Seed = 1,
                },
            })).Final;
            string text = final.Response.Text;
            double worth = (text.Contains("free", StringComparison.OrdinalIgnoreCase) ? 2 : 0)
                - (0.01 * text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal(worth, final.Response.Reward, 1e-6);
            Assert.Contains("free", text);
        }
        finally
        {
            reward.Kill();
        }
    }
}
