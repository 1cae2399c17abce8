using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Settings;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Models under names that the operator gives them.</summary>
public sealed class ServedNameTests
{
    [Fact]
    public async Task Clients_call_models_by_the_names_that_are_set()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, "Models:PolicyName=org/policy-v2", "Models:RewardName=judge.v1");
        GetServerInfoResponse info = await server.Info.GetServerInfoAsync(new());
        Assert.Equal(["org/policy-v2", "judge.v1"], info.Models.Select(model => model.Name));
        Assert.All(info.Models, model => Assert.False(model.RewritesAnswers));

        AlignmentSpec spec = Specs.Sea();
        spec.PolicyModel = "org/policy-v2";
        spec.RewardModel = "judge.v1";
        Assert.NotNull((await server.AlignAsync(spec)).Final);
        spec.RewardModel = "reward";
        Assert.Equal(StatusCode.NotFound, (await Failures.OfAsync(() => server.AlignAsync(spec))).StatusCode);
    }

    [Theory]
    [InlineData("Models:PolicyName=two words", "PolicyName")]
    [InlineData("Models:RewardName=", "RewardName")]
    public async Task A_name_that_is_none_ends_the_start(string setting, string named)
    {
        var error = await Assert.ThrowsAsync<SettingsException>(() => RunningServer.ListenAsync(null, null, setting));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
