using System.Reflection;
using Grpc.Core;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Replay;

/// <summary>Reports what the recording says about the server it was made on: the models' names and the method.</summary>
internal sealed class ReplayInfoService(IReadOnlyList<StreamAlignResponse> recording) : InfoService.InfoServiceBase
{
    private const string Device = "replay";

    public override Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext context)
    {
        var spec = recording.FirstOrDefault(next => next.Started is not null)?.Started.EffectiveSpec ?? new AlignmentSpec();
        string[] rewards = spec.RewardShares.Count > 0 ? [.. spec.RewardShares.Select(share => share.Name)] : [Named(spec.RewardModel)];
        return Task.FromResult(
            new GetServerInfoResponse
            {
                ServerVersion = typeof(ReplayInfoService)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                    .InformationalVersion.Split('+')[0],
                Models = { Model(ModelRole.Policy, Named(spec.PolicyModel)), rewards.Select(name => Model(ModelRole.Reward, name)) },
                Device = Device,
                DefaultMethod = AlignmentSpec.Descriptor.FindFieldByNumber((int)spec.MethodCase)?.Name ?? "",
                Methods =
                {
                    AlignmentSpec
                        .Descriptor.Oneofs.Single(oneof => oneof.Name == "method")
                        .Fields.Select(field => new V1.MethodInfo
                        {
                            Name = field.Name,
                            Available = field.FieldNumber == (int)spec.MethodCase,
                        }),
                },
            }
        );
    }

    private static string Named(string name) => name.Length > 0 ? name : "recorded";

    private static ModelInfo Model(ModelRole role, string name) => new() { Role = role, Name = name, Device = Device };
}
