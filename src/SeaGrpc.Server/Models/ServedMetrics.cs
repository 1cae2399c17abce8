using System.Diagnostics.Metrics;
using SeaGrpc.Modeling;
using SeaGrpc.Serving;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SeaGrpc.Server.Models;

/// <summary>Gauges of what is served and whether it is.</summary>
internal sealed class ServedMetrics
{
    private readonly ModelHost _models;

    /// <summary>Creates the instruments. They are read when somebody asks for the metrics.</summary>
    public ServedMetrics(ModelHost models, ServerReadiness readiness, IMeterFactory meters)
    {
        _models = models;
        Meter meter = meters.Create(new MeterOptions(SeaTelemetry.Name));
        meter.CreateObservableGauge(
            "seagrpc.ready", () => readiness.IsServing ? 1 : 0,
            description: "1 if the server takes calls, as health reports it; otherwise 0.");
        meter.CreateObservableGauge<int>("seagrpc.model.info", Describe, description: "1 for each model that is served.");
        meter.CreateObservableGauge(
            "seagrpc.device.memory.used", () => Memory(usage => usage.Used), "By", "Memory that is taken on a device that has a model.");
        meter.CreateObservableGauge(
            "seagrpc.device.memory.total", () => Memory(usage => usage.Total), "By", "Memory of a device that has a model.");
    }

    /// <summary>One figure of each device that has a model.</summary>
    private IEnumerable<Measurement<long>> Memory(Func<(long Used, long Total), long> figure)
    {
        foreach (string device in Loaded().SelectMany(pair => Devices(pair.Served!)).Distinct())
        {
            if (DeviceMemory.Of(device) is { } usage)
            {
                yield return new Measurement<long>(figure(usage), new Tag("device", device));
            }
        }
    }

    private static IEnumerable<string> Devices(ServedModels served) => served.Rewards
        .Where(reward => reward.Address is null)
        .Select(reward => reward.Model.Device)
        .Concat(served.Engine is null ? [served.Policy.Device] : Array.Empty<string>());

    private IEnumerable<ModelPairView> Loaded() => _models.Views()
        .Where(pair => pair is { State: ModelPairState.Loaded, Served: not null });

    private IEnumerable<Measurement<int>> Describe() => Loaded().SelectMany(pair => Describe(pair.Pair.Name, pair.Served!));

    private IEnumerable<Measurement<int>> Describe(string pair, ServedModels served) => served.Rewards
        .Select(reward => ("reward", reward.Name, reward.Model))
        .Prepend(("policy", served.Policy.Name, served.Policy))
        .Select(one => new Measurement<int>(
            1,
            [
                new Tag("role", one.Item1),
                new Tag("model", one.Item2),
                new Tag("architecture", one.Item3.Architecture),
                new Tag("device", one.Item3.Device),
                new Tag("dtype", one.Item3.Dtype),
                .. _models.Pairs.Count == 1 ? (Tag[])[] : [new Tag("pair", pair)],
            ]));
}
